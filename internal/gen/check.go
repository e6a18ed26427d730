package gen

import (
	"bytes"
	"errors"
	"io/fs"
	"os"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

// check is the option that compares data with a file in place of writing it.
type check struct {
	asked bool
}

func (c *check) options(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.asked, "check", false, "write nothing; exit 1, with a diff, when the file is out of date")
}

// compare gives errNo, and writes a unified diff to standard output, unless the file that --output
// names holds the data. Without --output it is file.
func (c *check) compare(cmd *cobra.Command, out output, file string, data []byte) error {
	if out.file != "-" {
		file = out.file
	}
	old, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		cmd.PrintErrf("%s is not there\n", file)
		return errNo
	}
	if err != nil {
		return err
	}
	if bytes.Equal(old, data) {
		return nil
	}
	cmd.PrintErrf("%s is out of date; %s writes it\n", file, cmd.CommandPath())
	if _, err := cmd.OutOrStdout().Write(diff.Diff(file, old, file, data)); err != nil {
		return err
	}
	return errNo
}
