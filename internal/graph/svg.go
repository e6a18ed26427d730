package graph

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/svg"
)

//go:embed style.css
var style string

// Sizes of an SVG in pixels.
const (
	margin     = 20
	lineH      = 16
	padX, padY = 10, 7
	longest    = 34 // cells of a line in a box; the tooltip has the whole
	headH      = 70
	minWidth   = 640
	colours    = 6 // of platforms, in the style
)

// SVG draws a graph as one file that needs no other. It is in light or dark colours, as the
// reader prefers; every node has a tooltip that says what it is found in a cache by.
func SVG(g *Graph) []byte {
	s := &drawing{graph: g, pad: legendPad(g)}
	sizes := make([]Box, len(g.Nodes))
	for i, n := range g.Nodes {
		lines := n.lines()
		for _, line := range lines {
			sizes[i].W = max(sizes[i].W, svg.Width(line)+2*padX)
		}
		sizes[i].H = len(lines)*lineH + 2*padY
	}
	s.layout = arrange(g, sizes)
	s.head()
	for i := range g.Nodes {
		s.node(i)
	}
	s.legend()
	return s.Close()
}

type drawing struct {
	svg.Canvas
	graph  *Graph
	layout *Layout
	pad    int
}

func (s *drawing) head() {
	width := max(s.layout.Width+2*margin, minWidth)
	height := headH + s.layout.Height + s.pad + margin
	desc := fmt.Sprintf("%s; %s, each needs what lines come to it from.", s.graph.Note, plural(len(s.graph.Nodes), "node"))
	s.Open(width, height, s.graph.Title, desc, style)
	s.Text(margin, 24, "h", s.graph.Title)
	s.Text(margin, 42, "s", svg.Cut(s.graph.Note, svg.Fit(width-2*margin)))
	for _, c := range s.layout.Columns {
		s.Text(margin+c.X, headH-8, "s", c.Stage.String())
	}
}

func (s *drawing) node(i int) {
	n, b := s.graph.Nodes[i], s.layout.Boxes[i]
	x, y := margin+b.X, headH+b.Y
	s.Printf(`<g class="n" tabindex="0"%s>`+"\n<title>%s</title>\n", data("steps", n.Steps), svg.Escape(n.tooltip()))
	if w := s.layout.Wires[i]; len(w.To) > 0 {
		s.Printf(`<path class="w"%s d="%s"/>`+"\n", data("to", w.To), w.path())
	}
	s.Printf("<rect class=%q x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\"/>\n", n.class(s.graph), x, y, b.W, b.H, n.round(b))
	if n.Network {
		s.Printf("<rect class=\"net\" x=\"%d\" y=\"%d\" width=\"4\" height=\"%d\" rx=\"2\"/>\n", x+3, y+padY+2, b.H-2*padY-4)
	}
	for j, line := range n.lines() {
		class := "s"
		if j == 0 {
			class = "h"
		}
		s.Text(x+padX, y+padY+12+j*lineH, class, line)
	}
	s.Printf("</g>\n")
}

// data is an attribute with numbers: data-to="3 5".
func data[T ~int](name string, list []T) string {
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf(` data-%s="%s"`, name, strings.Trim(fmt.Sprint(list), "[]"))
}

func (w Wire) path() string {
	var out strings.Builder
	for _, c := range w.Curves {
		x1, y1, x2, y2 := margin+c.X1, headH+c.Y1, margin+c.X2, headH+c.Y2
		if y1 == y2 {
			fmt.Fprintf(&out, "M%d %dH%d", x1, y1, x2)
		} else {
			fmt.Fprintf(&out, "M%d %dC%d %d %d %d %d %d", x1, y1, (x1+x2)/2, y1, (x1+x2)/2, y2, x2, y2)
		}
	}
	for _, l := range w.Lanes {
		fmt.Fprintf(&out, "M%d %dH%d", margin+l.X1, headH+l.Y, margin+l.X2)
	}
	return out.String()
}

// class says how the box of a node looks.
func (n Node) class(g *Graph) string {
	class := "b"
	if len(n.Platforms) == 1 {
		class += fmt.Sprintf(" p%d", slices.Index(g.Platforms, n.Platforms[0])%colours)
	}
	switch {
	case n.Target:
		class += " target"
	case len(n.Shared) > 0 && n.Export != Fetched:
		class += " shared"
	}
	if n.Export == Never {
		class += " never"
	}
	return class
}

// round is the radius of the corners: sources are pills, targets are sharp.
func (n Node) round(b Box) int {
	switch {
	case n.Target:
		return 0
	case n.Export == Fetched:
		return min(b.H/2, 16)
	default:
		return 4
	}
}

// lines are what is written in a box.
func (n Node) lines() []string {
	lines := []string{svg.Cut(n.Title, longest)}
	switch {
	case n.Many != "":
		lines = append(lines, "× "+n.Many)
	case len(n.Platforms) == 1:
		lines = append(lines, n.Platforms[0])
	}
	if n.Detail != "" {
		lines = append(lines, svg.Cut(n.Detail, longest))
	}
	if len(n.Shared) > 0 {
		lines = append(lines, "for "+strings.Join(n.Shared, ", "))
	}
	if n.Network && n.Export != Fetched {
		lines = append(lines, "network")
	}
	return lines
}

// tooltip is all that is known of a node.
func (n Node) tooltip() string {
	var lines []string
	lines = append(lines, n.Names...)
	if len(n.Names) > 1 {
		lines = append(lines, "of the first:")
	}
	lines = append(lines, n.Facts...)
	if n.Network {
		lines = append(lines, "may use the network")
	}
	switch n.Export {
	case Exported:
		lines = append(lines, "a cache export takes its result along")
	case Never:
		lines = append(lines, "no cache export takes its result along")
	}
	return strings.Join(lines, "\n")
}
