package graph

import (
	"fmt"
	"strings"
)

// Mermaid writes a graph as a Mermaid flowchart, which GitHub and GitLab draw in Markdown.
func Mermaid(g *Graph) []byte {
	var out strings.Builder
	fmt.Fprintf(&out, "---\ntitle: \"%s\"\n---\nflowchart LR\n", mermaidText(g.Title))
	for _, stage := range stagesOf(g) {
		fmt.Fprintf(&out, "  subgraph %s\n", "stage_"+stage.String()+"[\""+stage.String()+"\"]")
		for i, n := range g.Nodes {
			if n.Stage == stage {
				fmt.Fprintf(&out, "    %s\n", n.mermaid(i))
			}
		}
		out.WriteString("  end\n")
	}
	for i, n := range g.Nodes {
		for _, in := range n.Inputs {
			fmt.Fprintf(&out, "  n%d --> n%d\n", in, i)
		}
	}
	out.WriteString("  classDef never stroke-dasharray:5 3\n  classDef shared stroke-width:3px\n")
	return []byte(out.String())
}

// mermaid is a node, in the shape of its kind.
func (n Node) mermaid(i int) string {
	var lines []string
	for _, line := range n.lines() {
		lines = append(lines, mermaidText(line))
	}
	open, end := "[", "]"
	switch {
	case n.Target:
		open, end = "[[", "]]"
	case n.Export == Fetched:
		open, end = "([", "])"
	}
	s := fmt.Sprintf(`n%d%s"%s"%s`, i, open, strings.Join(lines, "<br/>"), end)
	switch {
	case n.Export == Never:
		s += ":::never"
	case len(n.Shared) > 0 && n.Export != Fetched && !n.Target:
		s += ":::shared"
	}
	return s
}

// mermaidText writes all that could mean something in a quoted text, which has Markdown
// and HTML in it, as the number of the character.
// https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
func mermaidText(t string) string {
	var out strings.Builder
	for _, r := range plainLine(t) {
		switch {
		case r >= 0x80, 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune(" /:,=", r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return out.String()
}
