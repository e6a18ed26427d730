package gostep

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// runTool compiles a program of a module of its own, and copies it to -o.
func runTool(args []string, stderr io.Writer) error {
	var c caches
	f := flag.NewFlagSet("tool", flag.ContinueOnError)
	var p private
	p.options(f)
	c.options(f)
	file := f.String("o", "", "")
	words, err := parse(f, args, 3)
	if err != nil || c.store == "" || *file == "" {
		return errUsage
	}
	return inTemp("tool", func(work string) error {
		cmd := exec.Command(words[0], words[1:]...) // go install, which names the folder by platform
		env, err := p.setup(work)
		if err != nil {
			return err
		}
		var said bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = work, stderr, io.MultiWriter(stderr, &said)
		cmd.Env = append(append(os.Environ(), env...), "GOPATH="+filepath.Join(work, "go"))
		if _, err := c.run(cmd, work); err != nil {
			if advice := p.explain(said.String(), ""); advice != "" {
				fmt.Fprintln(stderr, "tool: "+advice)
			}
			return err
		}
		program, err := onlyFile(filepath.Join(work, "go", "bin"))
		if err != nil {
			return err
		}
		return copyFile(program, *file, 0o755)
	})
}

// onlyFile is the path of the one file below dir.
func onlyFile(dir string) (file string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir():
			return err
		case file != "":
			return fmt.Errorf("both %s and %s were built", file, path)
		}
		file = path
		return nil
	})
	if err == nil && file == "" {
		err = errors.New("nothing was built")
	}
	return file, err
}

// SummaryFile is the name of the file that the summary command writes.
const SummaryFile = "deps.txt"

// runSummary writes how large the results of deps steps are: a line for each NAME=DIR.
func runSummary(args []string, _ io.Writer) error {
	if len(args) < 2 || len(args)%2 == 0 {
		return errUsage
	}
	out, err := os.Create(filepath.Join(args[0], SummaryFile))
	if err != nil {
		return err
	}
	for i := 1; i < len(args); i += 2 {
		size, err := treeSize(args[i+1])
		if err != nil {
			return errors.Join(err, out.Close())
		}
		fmt.Fprintf(out, "%s: %.0f MB\n", args[i], float64(size)/1e6)
	}
	return out.Close()
}

func treeSize(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
