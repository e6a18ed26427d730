package gen

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// output is the option that says where data goes.
type output struct {
	file string
}

func (o *output) options(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&o.file, "output", "o", "-", "file that is written; - is standard output")
	must(cmd.MarkFlagFilename("output"))
}

// write writes data: a file is replaced whole, or not at all.
func (o *output) write(cmd *cobra.Command, data []byte) error {
	if o.file == "-" {
		_, err := cmd.OutOrStdout().Write(data)
		return err
	}
	return replaceFile(o.file, data)
}

// replaceFile writes a file whole, or not at all; an equal one is left as it is. An old one
// keeps its mode.
func replaceFile(name string, data []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
			return nil
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing is there once it is renamed
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(f.Name(), mode)
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
