package gen

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/internal/importer"
	"github.com/spf13/cobra"
)

func importCommand() *cobra.Command {
	var (
		kind string
		root string
		out  output
	)
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a spec of a Dockerfile, or of a file of ko or GoReleaser",
		Long: `Make a spec of a Dockerfile, of ko's .ko.yaml or of GoReleaser's .goreleaser.yaml.

Messages say of each setting of the file where it went, or why it is not taken. The Go source in the folder of
the file, or in --context, tells what the file leaves to its tool: the name of the module and its main packages.`,
		Example: `  gen import .ko.yaml > xbuild.yaml
  gen import -o xbuild.yaml .goreleaser.yaml
  gen import --context . build/package/Dockerfile`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := importInput(args[0], kind, root)
			if err != nil {
				return err
			}
			r, err := importer.Import(in)
			if err != nil {
				return err
			}
			for _, n := range r.Notes {
				fmt.Fprintln(cmd.ErrOrStderr(), n.Format(in.File))
			}
			return out.write(cmd, r.Spec)
		},
	}
	var kinds []string
	for _, k := range importer.Kinds {
		kinds = append(kinds, string(k))
	}
	cmd.Flags().StringVar(&kind, "kind", "", "what FILE is: "+strings.Join(kinds, ", ")+" (default: as its name says)")
	must(cmd.RegisterFlagCompletionFunc("kind", cobra.FixedCompletions(kinds, cobra.ShellCompDirectiveNoFileComp)))
	cmd.Flags().StringVar(&root, "context", "", "folder of the source (default: that of FILE)")
	must(cmd.MarkFlagDirname("context"))
	out.options(cmd)
	return cmd
}

// importInput reads a file to import and what is known of the source around it.
func importInput(file, kind, root string) (importer.Input, error) {
	in := importer.Input{File: file, Kind: importer.Kind(kind)}
	if root == "" {
		root = filepath.Dir(file)
	}
	var err error
	if in.Data, err = os.ReadFile(file); err != nil {
		return in, err
	}
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return in, fmt.Errorf("--context: %s is no directory", root)
	}
	in.Context = os.DirFS(root)
	in.Module, in.Mains, err = importer.Source(root)
	return in, err
}
