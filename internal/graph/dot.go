package graph

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// DOT writes a graph in the language of Graphviz, for other layouts: gen graph --format dot
// | dot -Tsvg.
func DOT(g *Graph) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "// %s\ndigraph {\n", plainLine(g.Title+": "+g.Note))
	out.WriteString("  rankdir=LR\n  node [shape=box, fontname=\"monospace\", fontsize=10, style=\"rounded\"]\n")
	for i, n := range g.Nodes {
		fmt.Fprintf(&out, "  n%d [label=%s, tooltip=%s%s]\n", i, dotString(strings.Join(n.lines(), "\n")), dotString(n.tooltip()), n.dotLook())
	}
	for _, stage := range stagesOf(g) {
		var names []string
		for i, n := range g.Nodes {
			if n.Stage == stage {
				names = append(names, fmt.Sprintf("n%d", i))
			}
		}
		fmt.Fprintf(&out, "  { rank=same; %s }\n", strings.Join(names, "; "))
	}
	for i, n := range g.Nodes {
		for _, in := range n.Inputs {
			fmt.Fprintf(&out, "  n%d -> n%d\n", in, i)
		}
	}
	out.WriteString("}\n")
	return []byte(out.String())
}

func (n Node) dotLook() string {
	var look string
	switch {
	case n.Target:
		look = `, style="bold"`
	case n.Export == Fetched:
		look = ", shape=oval"
	case n.Export == Never:
		look = `, style="rounded,dashed"`
	}
	if len(n.Shared) > 0 && n.Export != Fetched {
		look += ", penwidth=2.5"
	}
	return look
}

// dotString quotes a text. Besides quotes, backslashes and ampersands mean something in
// labels; characters that can't be shown become U+FFFD.
// https://graphviz.org/doc/info/lang.html
func dotString(t string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", `\n`).Replace(printable(t)) + `"`
}

// printable has U+FFFD in place of control characters other than line ends, and of what is no UTF-8.
func printable(t string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, t)
}

// plainLine is a text in one line.
func plainLine(t string) string { return strings.ReplaceAll(printable(t), "\n", " ") }

// stagesOf are the stages that a graph has, in order.
func stagesOf(g *Graph) (stages []Stage) {
	for _, n := range g.Nodes {
		stages = append(stages, n.Stage)
	}
	slices.Sort(stages)
	return slices.Compact(stages)
}
