// Package graph draws a plan: which steps a build has, what they are for, what several
// platforms or binaries share, what a cache export takes along and what uses the network.
package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
)

// Graph is the picture of a plan, as data: equal plans give equal graphs.
type Graph struct {
	Title string // "shop of multi"
	Note  string // what it is for, and on what it runs
	Nodes []Node // those that others need come before them
	// Platforms that something is built for, in the order of their first step.
	Platforms []string
}

// Node is one step of the plan, several that are alike, an image or a target.
type Node struct {
	Stage     Stage
	Title     string // "compile shop"
	Platforms []string
	Many      string // "2 platforms" when the node is one step for each; "" for a single one
	Detail    string // what tells it from others that look the same
	// Steps of the plan, in order; none for an image and a target.
	Steps   []plan.StepID
	Names   []string // of the steps as a build's progress has them, with their numbers; of an image or a target its own
	Target  bool
	Network bool
	Export  Export
	Shared  []string // "2 platforms", "3 binaries": what uses this one step
	Inputs  []int    // nodes that it needs, each once, in order
	Facts   []string // what it is found in a cache by, one a line
}

// Stage is the part of the build that a node belongs to. A node needs only nodes of
// earlier stages.
type Stage int

// Stages in the order of a build.
const (
	Source Stage = iota
	Prepare
	Std
	Deps
	Compile
	Link
	Pack
	Layers
	Result
)

func (s Stage) String() string {
	return [...]string{"source", "prepare", "std", "deps", "compile", "link", "pack", "layers", "result"}[s]
}

// Export says what a cache export (mode=max) does with a node.
type Export int

const (
	Fetched  Export = iota // a source: nothing runs for it
	Exported               // its result is a layer, which any cache export takes along
	Never                  // its result stays on the builder
)

// Collapse says which steps are drawn as one node.
type Collapse string

// Ways to collapse.
const (
	Auto      Collapse = "auto"      // the first of the others that gives at most maxNodes
	None      Collapse = "none"      // every step is a node
	Platforms Collapse = "platforms" // steps that differ only in the platform are one
	Binaries  Collapse = "binaries"  // and binaries that are compiled alike
)

// Collapses are the ways to collapse, as a command line names them.
var Collapses = []Collapse{Auto, None, Platforms, Binaries}

// maxNodes is how many nodes are still easily read.
const maxNodes = 60

// New gives the graph of a plan.
func New(p *plan.Plan, c Collapse) (*Graph, error) {
	switch c {
	case None, Platforms, Binaries:
		return build(p, c), nil
	case Auto:
		for _, c := range []Collapse{None, Platforms} {
			if g := build(p, c); len(g.Nodes) <= maxNodes {
				return g, nil
			}
		}
		return build(p, Binaries), nil
	default:
		return nil, fmt.Errorf("no way to collapse is named %q", c)
	}
}

// vertex is a node before any are collapsed: a step, an image or a target.
type vertex struct {
	about
	platform string      // "" for what is the same for all
	step     plan.StepID // NoStep for an image or a target
	name     string
	inputs   []int
	facts    []string
	usedFor  map[string]bool // platforms of what needs it
	usedBy   map[string]bool // binaries of what needs it
	target   bool
}

func build(p *plan.Plan, c Collapse) *Graph {
	vs := vertices(p)
	g := &Graph{Title: p.Target + " of " + p.Name}
	for _, v := range vs {
		if v.platform != "" && !slices.Contains(g.Platforms, v.platform) {
			g.Platforms = append(g.Platforms, v.platform)
		}
	}
	g.Note = "steps run on " + platforms.Format(p.BuildPlatform) + " with " + p.Toolchain.Image
	if len(g.Platforms) > 0 {
		g.Note = "for " + strings.Join(g.Platforms, ", ") + "; " + g.Note
	}
	group := collapse(vs, c)
	members := map[int][]vertex{}
	for i, v := range vs {
		members[group[i]] = append(members[group[i]], v)
	}
	for i := range len(members) {
		g.Nodes = append(g.Nodes, node(members[i], group))
	}
	distinguish(g.Nodes, members)
	return g
}

// vertices are the images, steps and targets of a plan, in an order in which each needs
// only earlier ones.
func vertices(p *plan.Plan) []vertex {
	l := list{images: map[string]int{}}
	for i, s := range p.Steps {
		a := describe(p, s)
		v := vertex{about: a, step: plan.StepID(i), name: fmt.Sprintf("%d %s", i, p.NameOf(s)), facts: p.Inputs(s)}
		if a.platform != nil {
			v.platform = platforms.Format(*a.platform)
		}
		if a.onToolchain {
			v.inputs = append(v.inputs, l.image(p.Toolchain.Image, ""))
		}
		for _, id := range plan.Refs(s) {
			v.inputs = append(v.inputs, l.steps[id])
		}
		l.steps = append(l.steps, l.add(v))
	}
	for _, t := range p.Targets {
		l.target(t, p.Whole)
	}
	use(l.vertices)
	return l.vertices
}

// list is vertices, and where those of images and steps are in it.
type list struct {
	vertices []vertex
	images   map[string]int // by reference and platform
	steps    []int          // by plan.StepID
}

func (l *list) add(v vertex) int {
	v.usedFor, v.usedBy = map[string]bool{}, map[string]bool{}
	l.vertices = append(l.vertices, v)
	return len(l.vertices) - 1
}

// image gives the vertex of an image for a platform, "" for the builder's own.
func (l *list) image(ref, platform string) int {
	name := ref
	if platform != "" {
		name += " " + platform
	}
	if _, ok := l.images[name]; !ok {
		l.images[name] = l.add(vertex{
			about: about{stage: Source, verb: ref, network: true}, platform: platform, step: plan.NoStep, name: name, facts: []string{"the digest of " + ref},
		})
	}
	return l.images[name]
}

// target adds a result; a whole one is for no platform in particular.
func (l *list) target(t plan.Target, whole bool) {
	v := vertex{about: about{stage: Result, verb: t.Name}, step: plan.NoStep, name: t.Name, target: true, facts: []string{"on " + cmp.Or(t.Base, "scratch")}}
	if !whole {
		v.platform = platforms.Format(t.Platform)
		v.name += " " + v.platform
	}
	if t.Base != "" {
		v.inputs = append(v.inputs, l.image(t.Base, platforms.Format(t.Platform)))
	}
	for _, id := range t.Layers {
		if at := l.steps[id]; !slices.Contains(v.inputs, at) {
			v.inputs = append(v.inputs, at)
		}
	}
	l.add(v)
}

// use tells every vertex for which platforms and binaries there are others that need it.
func use(vs []vertex) {
	for i := len(vs) - 1; i >= 0; i-- {
		v := vs[i]
		if v.platform != "" {
			v.usedFor[v.platform] = true
		}
		if v.binary != "" {
			v.usedBy[v.binary] = true
		}
		for _, in := range v.inputs {
			maps.Copy(vs[in].usedFor, v.usedFor)
			maps.Copy(vs[in].usedBy, v.usedBy)
		}
	}
}

// node gives the node of vertices that are drawn as one.
func node(vs []vertex, group []int) Node {
	first := vs[0]
	n := Node{Stage: first.stage, Target: first.target, Network: first.network, Export: first.export, Facts: first.facts}
	var titles []string
	for _, v := range vs {
		n.Names = append(n.Names, v.name)
		if v.step != plan.NoStep {
			n.Steps = append(n.Steps, v.step)
		}
		if v.platform != "" && !slices.Contains(n.Platforms, v.platform) {
			n.Platforms = append(n.Platforms, v.platform)
		}
		if !slices.Contains(titles, v.title()) {
			titles = append(titles, v.title())
		}
		n.Network = n.Network || v.network
		for _, in := range v.inputs {
			n.Inputs = append(n.Inputs, group[in])
		}
	}
	slices.Sort(n.Inputs)
	n.Inputs = slices.Compact(n.Inputs)
	n.Title = titles[0]
	if len(titles) > 1 {
		n.Title = fmt.Sprintf("%s %d binaries", first.verb, len(titles))
	}
	n.Many = many(len(vs), len(n.Platforms))
	platforms, binaries := map[string]bool{}, map[string]bool{}
	for _, v := range vs {
		maps.Copy(platforms, v.usedFor)
		maps.Copy(binaries, v.usedBy)
	}
	if len(vs) == 1 && len(platforms) > 1 {
		n.Shared = append(n.Shared, plural(len(platforms), "platform"))
	}
	if first.binary == "" && len(binaries) > 1 {
		n.Shared = append(n.Shared, plural(len(binaries), "binary"))
	}
	return n
}

// many says how many steps are one node, for how many platforms.
func many(steps, platforms int) string {
	switch {
	case steps == 1:
		return ""
	case steps == platforms:
		return plural(platforms, "platform")
	case platforms < 2:
		return plural(steps, "step")
	default:
		return plural(steps, "step") + ", " + plural(platforms, "platform")
	}
}

func plural(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// distinguish says of nodes that look the same what they differ in: flags and environment,
// else the binaries that they are for.
func distinguish(nodes []Node, members map[int][]vertex) {
	look := func(n Node) string { return fmt.Sprintf("%q %q", n.Title, n.Platforms) }
	same := map[string][]int{}
	for i, n := range nodes {
		same[look(n)] = append(same[look(n)], i)
	}
	for i, n := range nodes {
		others := same[look(n)]
		if len(others) < 2 {
			continue
		}
		words := func(at int) []string { return members[at][0].alike }
		own := slices.DeleteFunc(slices.Clone(words(i)), func(word string) bool {
			return !slices.ContainsFunc(others, func(o int) bool { return !slices.Contains(words(o), word) })
		})
		nodes[i].Detail = strings.Join(own, " ")
		if same := !slices.ContainsFunc(others, func(o int) bool { return !slices.Equal(words(o), words(i)) }); same {
			nodes[i].Detail = strings.Join(slices.Sorted(maps.Keys(members[i][0].usedBy)), ", ")
		}
	}
}
