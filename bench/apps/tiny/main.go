// Command tiny prints the value at a path of a YAML file.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

func main() {
	if err := command().Execute(); err != nil {
		os.Exit(1)
	}
}

func command() *cobra.Command {
	cmd := &cobra.Command{
		Use:          "tiny [flags] PATH",
		Short:        "Print the value at a path of a YAML file",
		Example:      "  tiny -f compose.yaml services.web.ports[0]",
		Args:         cobra.ExactArgs(1),
		SilenceUsage: true,
	}
	file := cmd.Flags().StringP("file", "f", "-", "file to read; - is standard input")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		data, err := read(cmd.InOrStdin(), *file)
		if err != nil {
			return err
		}
		return run(cmd.OutOrStdout(), data, args[0])
	}
	return cmd
}

func read(stdin io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// run prints what path leads to in data: the bare text of a scalar, else YAML.
func run(w io.Writer, data []byte, path string) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return err
	}
	node, err := find(&doc, path)
	if err != nil {
		return err
	}
	if node.Kind == yaml.ScalarNode {
		_, err := fmt.Fprintln(w, node.Value)
		return err
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(node); err != nil {
		return err
	}
	return e.Close()
}
