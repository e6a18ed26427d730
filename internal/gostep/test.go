package gostep

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// OutputFile is the name of the file that the test command writes.
const OutputFile = "output.txt"

// runTest runs go commands one after the other until one fails. What they print goes to the
// output file too.
func runTest(args []string, stderr io.Writer) (err error) {
	var c caches
	f := flag.NewFlagSet("test", flag.ContinueOnError)
	c.options(f)
	out := f.String("out", "", "")
	words, err := parse(f, args, 1)
	if err != nil || len(words) != 1 || c.store == "" || *out == "" {
		return errUsage
	}
	var commands [][]string
	if err := json.Unmarshal([]byte(words[0]), &commands); err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	file, err := os.Create(filepath.Join(*out, OutputFile))
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	return inTemp("test", func(work string) error {
		if err := c.completeSums(work); err != nil {
			return err
		}
		for _, words := range commands {
			cmd := exec.Command(words[0], words[1:]...)
			cmd.Stdout = io.MultiWriter(stderr, file)
			cmd.Stderr = cmd.Stdout
			if _, err := c.run(cmd, work); err != nil {
				return err
			}
		}
		return nil
	})
}
