package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/graph"
	"github.com/acme/xbuild/plan"
	"github.com/spf13/cobra"
)

// graphFormats write a graph, by the name of the format.
var graphFormats = map[string]func(*graph.Graph) []byte{"svg": graph.SVG, "dot": graph.DOT, "mermaid": graph.Mermaid}

func graphCommand() *cobra.Command {
	var (
		src              source
		req              request
		out              output
		format, collapse string
	)
	formats := []string{"svg", "dot", "mermaid"}
	var collapses []string
	for _, c := range graph.Collapses {
		collapses = append(collapses, string(c))
	}
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "Draw the build: its steps and results, what is shared, exported, on the network",
		Long: `Draw the build that a request makes: its steps and results, what platforms and binaries share, what a
cache export takes along, and what may use the network.

The SVG is one file that needs no other, in light or dark colours as its reader prefers; its tooltips say what
each step is found in a cache by. A large build is collapsed: steps that differ only in the platform, or in the
binary too, are drawn as one.`,
		Example: `  gen graph -o build.svg
  gen graph --target dist --collapse none -o dist.svg
  gen graph --format mermaid
  gen graph --format dot | dot -Tpdf -o build.pdf`,
		RunE: func(cmd *cobra.Command, args []string) error {
			write, ok := graphFormats[format]
			if !ok {
				return fmt.Errorf("--format %s: it is one of %s", format, strings.Join(formats, ", "))
			}
			if !slices.Contains(collapses, collapse) {
				return fmt.Errorf("--collapse %s: it is one of %s", collapse, strings.Join(collapses, ", "))
			}
			return src.planning(cmd, args, &req, func(p *project, r plan.Request) error {
				pl, err := p.plan(r)
				if err != nil {
					return err
				}
				g, err := graph.New(pl, graph.Collapse(collapse))
				if err != nil {
					return err
				}
				return out.write(cmd, write(g))
			})
		},
	}
	src.options(cmd)
	req.options(cmd)
	out.options(cmd)
	cmd.Flags().StringVar(&format, "format", "svg", "svg, dot or mermaid")
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	cmd.Flags().StringVar(&collapse, "collapse", string(graph.Auto), "what is drawn as one: none, platforms, binaries, or auto, which goes by the size")
	must(cmd.RegisterFlagCompletionFunc("collapse", cobra.FixedCompletions(collapses, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}
