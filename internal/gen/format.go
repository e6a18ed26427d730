package gen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/acme/xbuild/internal/yamlfmt"
	"github.com/acme/xbuild/spec"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"
)

func fmtCommand() *cobra.Command {
	var write, check bool
	cmd := &cobra.Command{
		Use:   "fmt [FILE…]",
		Short: "Lay out a spec canonically: indentation and spacing, nothing else",
		Long: `Lay out a spec canonically: indentation and spacing, nothing else. Comments, the order of keys, quotes and line
breaks stay as they are; what the spec says stays the same, which is made sure of. Without FILE it is the spec of the
current directory; - is standard input.`,
		Example: `  gen fmt
  gen fmt --write
  gen fmt --check xbuild.yaml services/*/xbuild.yaml
  gen fmt - < xbuild.yaml`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				p := &project{dir: "."}
				if err := p.find(); err != nil {
					return err
				}
				args = []string{p.file}
			}
			if write && slices.Contains(args, "-") {
				return errors.New("--write can't write standard input")
			}
			differs := false
			for _, name := range args {
				d, err := formatFile(cmd, name, write, check)
				if err != nil {
					return err
				}
				differs = differs || d
			}
			if check && differs {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files, instead of to standard output")
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit 1, with a diff, where a file is laid out otherwise")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	return cmd
}

// formatFile formats a file in the way that is asked for, and reports whether it differed.
func formatFile(cmd *cobra.Command, name string, write, check bool) (bool, error) {
	data, err := readSpec(cmd, name)
	if err != nil {
		return false, err
	}
	if name == "-" {
		name = "stdin"
	}
	out, err := format(name, data)
	if err != nil {
		return false, err
	}
	differs := !bytes.Equal(data, out)
	switch {
	case check && differs:
		cmd.PrintErrf("%s is laid out otherwise\n", name)
		_, err = cmd.OutOrStdout().Write(diff.Diff(name, data, name, out))
	case check:
	case write:
		err = replaceFile(name, out)
	default:
		_, err = cmd.OutOrStdout().Write(out)
	}
	return differs, err
}

func readSpec(cmd *cobra.Command, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(cmd.InOrStdin())
	}
	return os.ReadFile(name)
}

// format lays out a spec. The error is that of spec.Parse, or says why it is better left as
// it is: it says the same after as before, or nothing is given.
func format(name string, data []byte) ([]byte, error) {
	before, err := spec.Parse(name, data)
	if err != nil {
		return nil, err
	}
	text, err := yamlfmt.Format(string(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	out := []byte(text)
	after, err := spec.Parse(name, out)
	if err != nil || !sameSpec(before, after) || !sameDocument(data, out) || !bytes.Equal(withoutSpace(data), withoutSpace(out)) {
		return nil, fmt.Errorf("%s: it would not say the same, so it is left as it is", name)
	}
	if again, err := yamlfmt.Format(text); err != nil || again != text {
		return nil, fmt.Errorf("%s: it would not be laid out for good, so it is left as it is", name)
	}
	return out, nil
}

// sameSpec reports whether two specs differ in nothing but places.
func sameSpec(a, b *spec.Spec) bool {
	x, err := json.Marshal(a)
	must(err)
	y, err := json.Marshal(b)
	must(err)
	return bytes.Equal(x, y)
}

// sameDocument reports whether two texts, which are YAML, differ in nothing but comments and
// places: anchors and aliases are the same too.
func sameDocument(a, b []byte) bool {
	var x, y []yaml.Node
	if yaml.Load(a, &x, yaml.WithAllDocuments()) != nil || yaml.Load(b, &y, yaml.WithAllDocuments()) != nil {
		return false
	}
	return slices.EqualFunc(x, y, func(a, b yaml.Node) bool { return sameNode(&a, &b) })
}

func sameNode(a, b *yaml.Node) bool {
	return a.Kind == b.Kind && a.Style == b.Style && a.Tag == b.Tag && a.Value == b.Value && a.Anchor == b.Anchor &&
		slices.EqualFunc(a.Content, b.Content, sameNode)
}

// withoutSpace is what layout may not change: comments are in it.
func withoutSpace(data []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' {
			return -1
		}
		return r
	}, data)
}
