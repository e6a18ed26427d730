//go:build graphviz

package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/graph"
)

// TestGraphviz has Graphviz itself read the texts back. It is not there everywhere, so that is done by hand.
func TestGraphviz(t *testing.T) {
	dot, err := exec.LookPath("dot")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range hostile {
		text := hostile[(i+7)%len(hostile)]
		g := graphOf(t, byHand(name, text), graph.None)
		cmd := exec.Command(dot, "-Tjson")
		cmd.Stdin, cmd.Stderr = bytes.NewReader(graph.DOT(g)), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		var got struct {
			Objects []struct{ Name, Tooltip string }
			Edges   []struct{ Tail, Head int }
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		byName, edges := map[string]string{}, 0
		for _, o := range got.Objects {
			byName[o.Name] = o.Tooltip
		}
		for i, n := range g.Nodes {
			edges += len(n.Inputs)
			for _, want := range n.Names {
				if tip := byName[fmt.Sprintf("n%d", i)]; !strings.Contains(dotText(tip), shown(want)) {
					t.Errorf("Graphviz reads %q, which has no %q", tip, want)
				}
			}
		}
		if len(got.Edges) != edges {
			t.Errorf("%q: %d edges of %d", name, len(got.Edges), edges)
		}
	}
}
