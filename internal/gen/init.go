package gen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/acme/xbuild/internal/importer"
	"github.com/spf13/cobra"
)

func initCommand() *cobra.Command {
	var dryRun, force bool
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a first spec, xbuild.yaml, of the Go module in a folder",
		Long: `Write a first spec, xbuild.yaml, of the Go module in a folder: its main packages, whether C is in it, and what its
Dockerfile says of the image. It asks nothing, and leaves a spec alone that is there.`,
		Example: `  gen init
  gen init --dry-run ./shop`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := append(args, ".")[0]
			file, err := existingSpec(dir)
			if err != nil {
				return err
			}
			if file != "" && !force && !dryRun {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s is a spec already; --force writes another one\n", file)
				return errNo
			}
			r, err := firstSpec(dir)
			if err != nil {
				return err
			}
			for _, n := range r.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n.Format(filepath.Join(dir, noteFile(n))))
			}
			if dryRun {
				_, err := cmd.OutOrStdout().Write(r.Spec)
				return err
			}
			out := output{file: filepath.Join(dir, specNames[0])}
			return out.write(cmd, r.Spec)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "print the spec, and write nothing")
	cmd.Flags().BoolVar(&force, "force", false, "write it where a spec is already")
	return cmd
}

// noteFile is what a note is on: a line of the Dockerfile, or the spec as a whole.
func noteFile(n importer.Note) string {
	if n.Line > 0 || n.Key != "" {
		return "Dockerfile"
	}
	return specNames[0]
}

// existingSpec gives the spec of a folder, "" without one.
func existingSpec(dir string) (string, error) {
	for _, name := range specNames {
		data, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", err
		case name != "Dockerfile" || namesFrontend(data):
			return filepath.Join(dir, name), nil
		}
	}
	return "", nil
}

// firstSpec makes the first spec of a folder.
func firstSpec(dir string) (*importer.Result, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, errors.Join(err, fmt.Errorf("%s is no directory", dir))
	}
	root, err := withoutIgnored(dir, filepath.Join(dir, specNames[0]))
	if err != nil {
		return nil, err
	}
	if root != dir {
		defer os.RemoveAll(root)
	}
	p, err := importer.Look(root)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
	if err == nil && !namesFrontend(data) {
		p.Dockerfile = &importer.Input{File: "Dockerfile", Kind: importer.Dockerfile, Data: data, Context: os.DirFS(root)}
	}
	return importer.Init(p)
}
