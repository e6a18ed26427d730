package graph

import "fmt"

// mark is one line of the legend: a sample and what it means.
type mark struct {
	class string // of the sample's box
	round int
	net   bool
	says  string
}

// marks are the lines of the legend, of what the graph has.
func marks(g *Graph) []mark {
	has := map[string]bool{}
	for _, n := range g.Nodes {
		has["network"] = has["network"] || n.Network
		has["many"] = has["many"] || n.Many != ""
		has["shared"] = has["shared"] || len(n.Shared) > 0 && n.Export != Fetched
		has["never"] = has["never"] || n.Export == Never
	}
	list := []mark{
		{class: "b", round: 8, says: "a source: fetched, nothing runs"},
		{class: "b", round: 4, says: "a step; a cache export takes its result along"},
	}
	if has["never"] {
		list = append(list, mark{class: "b never", round: 4, says: "a step that no cache export takes along; cache mounts are never in one either"})
	}
	if has["shared"] {
		list = append(list, mark{class: "b shared", round: 4, says: "a step that several platforms or binaries use"})
	}
	if has["many"] {
		list = append(list, mark{class: "b", round: 4, says: "with ×: steps that are alike, drawn as one"})
	}
	if has["network"] {
		list = append(list, mark{class: "b", round: 4, net: true, says: "may use the network"})
	}
	list = append(list, mark{class: "b target", says: "a result"})
	for i, p := range g.Platforms {
		if single(g, p) {
			list = append(list, mark{class: fmt.Sprintf("b p%d", i%colours), round: 4, says: "for " + p})
		}
	}
	return list
}

// single reports whether a node is for one platform alone.
func single(g *Graph, platform string) bool {
	for _, n := range g.Nodes {
		if len(n.Platforms) == 1 && n.Platforms[0] == platform {
			return true
		}
	}
	return false
}

const legendTop = 28

// legendPad is how high the legend is.
func legendPad(g *Graph) int { return legendTop + len(marks(g))*(lineH+4) }

func (s *drawing) legend() {
	y := headH + s.layout.Height + legendTop
	for _, m := range marks(s.graph) {
		s.Printf("<rect class=%q x=\"%d\" y=\"%d\" width=\"28\" height=\"14\" rx=\"%d\"/>\n", m.class, margin, y, m.round)
		if m.net {
			s.Printf("<rect class=\"net\" x=\"%d\" y=\"%d\" width=\"4\" height=\"8\" rx=\"2\"/>\n", margin+3, y+3)
		}
		s.Text(margin+38, y+11, "s", m.says)
		y += lineH + 4
	}
}
