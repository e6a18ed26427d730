package graph_test

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/golden"
	"github.com/acme/xbuild/internal/graph"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var (
	amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = ocispecs.Platform{OS: "linux", Architecture: "arm64"}
)

// planOf plans a target of the project in dir, "" for its default, for two platforms.
func planOf(t testing.TB, dir, target string) *plan.Plan {
	t.Helper()
	var data []byte
	for _, name := range []string{"Dockerfile", "xbuild.yaml"} {
		if read, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			data = read
			break
		}
	}
	s, err := spec.Parse("xbuild.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	req := plan.Request{BuildPlatform: amd64, Platforms: []ocispecs.Platform{amd64, arm64}, Target: target}
	facts, err := scan.Dir(dir, plan.ScanRequest(s, req))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, facts, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func graphOf(t testing.TB, p *plan.Plan, c graph.Collapse) *graph.Graph {
	t.Helper()
	g, err := graph.New(p, c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestExamples holds the pictures of every example: adding a folder adds a test.
func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("../../examples/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			g := graphOf(t, planOf(t, dir, ""), graph.Auto)
			for name, write := range map[string]func(*graph.Graph) []byte{"graph.svg": graph.SVG, "graph.dot": graph.DOT, "graph.mmd": graph.Mermaid} {
				golden.Equal(t, filepath.Join(dir, "want", name), write(g))
			}
		})
	}
}

// plans are of every kind of step and target.
func plans(t testing.TB) map[string]*plan.Plan {
	t.Helper()
	out := map[string]*plan.Plan{}
	for _, target := range []string{"", "binaries", "dist", "test", "deps", "own"} {
		for _, dir := range []string{"../../examples/multi", "../../examples/base", "../../examples/cgo", "../../bench/apps/fleet"} {
			if target == "" && strings.HasSuffix(dir, "fleet") { // has no default
				continue
			}
			out[filepath.Base(dir)+" "+target] = planOf(t, dir, target)
		}
	}
	out["by hand"] = byHand("shop", "/x")
	return out
}

// byHand is a plan with the steps that no example has, with names and texts of its own.
func byHand(name, text string) *plan.Plan {
	return &plan.Plan{
		Name: name, Target: text, BuildPlatform: amd64, Toolchain: plan.Toolchain{Image: "golang:" + name},
		Steps: []plan.Step{
			plan.Context{},
			plan.Named{Name: text},
			plan.Narrow{Context: 0, Outside: []plan.Outside{{From: 1}}},
			plan.Prune{},
			plan.HTTP{URL: "https://example.com/" + text, Checksum: text},
			plan.Image{Ref: text, Platform: arm64},
			plan.Deps{Source: 2, Toolchain: plan.NoStep, Std: plan.NoStep, Platform: arm64, Flags: []string{text}, Download: true},
			plan.Deps{Source: 2, Toolchain: plan.NoStep, Std: plan.NoStep, Platform: arm64, Flags: []string{"-tags=" + name}},
			plan.Compile{Source: 2, Toolchain: 3, Std: plan.NoStep, Deps: 6, Binary: name, Platform: arm64, Flags: []string{text}},
			plan.Link{Compile: plan.Compile{Source: 2, Toolchain: 3, Std: plan.NoStep, Deps: 7, Binary: name, Platform: arm64, Output: name}, Objects: 8},
			plan.Setcap{From: 9, Src: name, Capabilities: text},
			plan.Tool{Package: text, Version: "v1", Platform: arm64, Output: "tool"},
			plan.Layer{From: 10, Src: name, Dest: "/" + text, Name: text},
			plan.Layer{From: 4, Src: "file", Dest: "/" + text, Name: "/" + text},
			plan.Layer{From: 5, Src: "/", Dest: "/image", Name: "/image"},
			plan.Layer{From: 11, Src: "tool", Dest: "/tool", Name: "/tool"},
			plan.Layer{From: plan.NoStep, Link: text, Dest: "/link", Name: "/link"},
		},
		Targets: []plan.Target{{Name: text, Platform: arm64, Base: "base:" + text, Layers: []plan.StepID{12, 13, 14, 15, 16}}},
	}
}

// picture is what an SVG says of its nodes.
type picture struct {
	Width  int      `xml:"width,attr"`
	Height int      `xml:"height,attr"`
	Title  string   `xml:"title"`
	Desc   string   `xml:"desc"`
	Text   []string `xml:"text"`
	Groups []struct {
		Title string `xml:"title"`
		Steps string `xml:"data-steps,attr"`
		Path  struct {
			To string `xml:"data-to,attr"`
			D  string `xml:"d,attr"`
		} `xml:"path"`
		Rects []struct {
			X      int `xml:"x,attr"`
			Y      int `xml:"y,attr"`
			Width  int `xml:"width,attr"`
			Height int `xml:"height,attr"`
		} `xml:"rect"`
		Text []string `xml:"text"`
	} `xml:"g"`
}

func parse(t testing.TB, data []byte) picture {
	t.Helper()
	var p picture
	if err := xml.Unmarshal(data, &p); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return p
}

func numbers(t testing.TB, list string) (out []int) {
	t.Helper()
	for _, word := range strings.Fields(list) {
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

// TestWhole holds, for each way to collapse, that every step is drawn once, every need of
// a step and a target is a line, and boxes neither overlap nor leave the picture.
func TestWhole(t *testing.T) {
	for name, p := range plans(t) {
		for _, c := range graph.Collapses {
			t.Run(name+" "+string(c), func(t *testing.T) {
				pic := parse(t, graph.SVG(graphOf(t, p, c)))
				checkSteps(t, p, pic)
				checkBoxes(t, pic)
			})
		}
	}
}

func checkSteps(t *testing.T, p *plan.Plan, pic picture) {
	t.Helper()
	at := map[int]int{}
	for i, g := range pic.Groups {
		for _, id := range numbers(t, g.Steps) {
			if _, ok := at[id]; ok {
				t.Errorf("step %d is drawn twice", id)
			}
			at[id] = i
			if want := fmt.Sprintf("%d %s\n", id, p.NameOf(p.Steps[id])); !strings.Contains(g.Title, want) {
				t.Errorf("no %q in the tooltip %q", want, g.Title)
			}
		}
	}
	if len(at) != len(p.Steps) {
		t.Errorf("%d steps of %d are drawn", len(at), len(p.Steps))
	}
	line := func(from, to int) bool { return slices.Contains(numbers(t, pic.Groups[from].Path.To), to) }
	for id, s := range p.Steps {
		for _, ref := range plan.Refs(s) {
			if !line(at[int(ref)], at[id]) {
				t.Errorf("no line from step %d to %d", ref, id)
			}
		}
	}
	results := map[string]int{}
	for i, g := range pic.Groups {
		for _, name := range strings.Split(g.Title, "\n") {
			results[name] = i
		}
	}
	for _, target := range p.Targets {
		name := target.Name
		if !p.Whole {
			name += " " + target.Platform.OS + "/" + target.Platform.Architecture
		}
		to, ok := results[name]
		for _, id := range target.Layers {
			if !ok || !line(at[int(id)], to) {
				t.Errorf("no line from layer %d to %q", id, name)
			}
		}
	}
}

// lane is a straight line of a path.
var lane = regexp.MustCompile(`M(\d+) (\d+)H(\d+)`)

// checkBoxes checks the geometry, and that every line starts and ends at a box.
func checkBoxes(t *testing.T, pic picture) {
	t.Helper()
	for i, a := range pic.Groups {
		box := a.Rects[0]
		if box.X < 0 || box.Y < 0 || box.X+box.Width > pic.Width || box.Y+box.Height > pic.Height {
			t.Errorf("box %d is out of the picture: %+v", i, box)
		}
		for _, text := range a.Text {
			if wide := len([]rune(text)) * 72 / 10; wide > box.Width {
				t.Errorf("text %q of %d is wider than its box: %d", text, i, box.Width)
			}
		}
		for j, b := range pic.Groups[:i] {
			other := b.Rects[0]
			if box.X < other.X+other.Width && other.X < box.X+box.Width && box.Y < other.Y+other.Height && other.Y < box.Y+box.Height {
				t.Errorf("boxes %d and %d overlap: %+v and %+v", j, i, other, box)
			}
		}
		for _, m := range lane.FindAllStringSubmatch(a.Path.D, -1) {
			at := numbers(t, strings.Join(m[1:], " "))
			for j, b := range pic.Groups {
				if other := b.Rects[0]; at[0] < other.X+other.Width && other.X < at[2] && other.Y <= at[1] && at[1] <= other.Y+other.Height {
					t.Errorf("a line of %d goes through box %d", i, j)
				}
			}
		}
		for _, to := range numbers(t, a.Path.To) {
			end := pic.Groups[to].Rects[0]
			if end.X <= box.X {
				t.Errorf("the line from %d to %d does not go to the right", i, to)
			}
			middle := end.Y + end.Height/2
			if !strings.Contains(a.Path.D+"M", fmt.Sprintf("%d %dM", end.X, middle)) && !strings.Contains(a.Path.D+"M", fmt.Sprintf(" %dH%dM", middle, end.X)) {
				t.Errorf("no line of %d ends at box %d (%d, %d): %s", i, to, end.X, middle, a.Path.D)
			}
		}
	}
}

// TestMarks holds what is said of steps: network, export, sharing and what is collapsed.
func TestMarks(t *testing.T) {
	byTitle := func(g *graph.Graph) map[string]graph.Node {
		nodes := map[string]graph.Node{}
		for _, n := range g.Nodes {
			nodes[n.Title+" "+strings.Join(n.Platforms, ",")+" "+n.Detail] = n
		}
		return nodes
	}
	multi := planOf(t, "../../examples/multi", "")
	none := byTitle(graphOf(t, multi, graph.None))
	for title, want := range map[string]graph.Node{
		"narrow source  ":                        {Export: graph.Never, Shared: []string{"2 platforms", "2 binaries"}},
		"prune toolchain  ":                      {Export: graph.Exported, Shared: []string{"2 platforms", "2 binaries"}},
		"compile deps linux/amd64 GOAMD64=v1":    {Export: graph.Exported, Network: true},
		"compile std linux/arm64 -tags=nolog":    {Export: graph.Exported},
		"compile shop linux/arm64 ":              {Export: graph.Exported},
		"copy /srv/web  ":                        {Export: graph.Exported, Shared: []string{"2 platforms"}},
		"golang:1.26-alpine  ":                   {Network: true, Shared: []string{"2 platforms", "2 binaries"}},
		"copy /etc, /usr/share/zoneinfo, /tmp  ": {Export: graph.Exported, Shared: []string{"2 platforms"}},
		"shop linux/amd64 ":                      {},
	} {
		n, ok := none[title]
		if !ok || n.Network != want.Network || n.Export != want.Export || !slices.Equal(n.Shared, want.Shared) || n.Many != "" {
			t.Errorf("%q (there: %t): %+v", title, ok, n)
		}
	}
	if n := byTitle(graphOf(t, multi, graph.Platforms))["compile shop linux/amd64,linux/arm64 "]; n.Many != "2 platforms" || len(n.Steps) != 2 {
		t.Errorf("compile shop of all platforms: %+v", n)
	}
	fleet := planOf(t, "../../bench/apps/fleet", "binaries")
	if n := byTitle(graphOf(t, fleet, graph.Binaries))["compile 20 binaries linux/amd64,linux/arm64 "]; n.Many != "40 steps, 2 platforms" || len(n.Steps) != 40 {
		t.Errorf("compile of all binaries: %+v", n)
	}
	if n := len(graphOf(t, fleet, graph.Auto).Nodes); n > 60 {
		t.Errorf("the graph of 20 binaries has %d nodes", n)
	}
	if _, err := graph.New(multi, "all"); err == nil {
		t.Error("an unknown way to collapse is taken")
	}
}
