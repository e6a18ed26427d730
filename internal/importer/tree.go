package importer

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

// node is a value of a YAML file, with its place.
type node struct {
	*yaml.Node
	at
}

const (
	yamlMapping  = yaml.MappingNode
	yamlSequence = yaml.SequenceNode
)

// emptyNode is what an empty file holds.
var emptyNode = &yaml.Node{}

func textNode(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func listNode(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: items}
}

func mappingNode() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// What a YAML file may not exceed, with its aliases written out.
const (
	maxNodes = 20_000
	maxDepth = 32
)

var errTooDeep = errors.New("too many values, or too deep inside each other")

// loadYAML gives the document of a file without aliases and merge keys; nil for an empty one.
func loadYAML(data []byte) (n *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics on some hostile input
			n, err = nil, fmt.Errorf("not YAML: %v", r)
		}
	}()
	var docs []yaml.Node
	if err := yaml.Load(data, &docs, yaml.WithAllDocuments(), yaml.WithPlugin(limits{})); err != nil {
		return nil, fmt.Errorf("not YAML: %w", err)
	}
	switch {
	case len(docs) > 1:
		return nil, errors.New("more than one YAML document")
	case len(docs) == 0 || len(docs[0].Content) == 0:
		return nil, nil
	}
	e := expansion{}
	root := e.expand(docs[0].Content[0], 0, docs[0].Line)
	if e.nodes > maxNodes {
		return nil, errTooDeep
	}
	return root, nil
}

// limits stops the library from going deeper than a file may.
type limits struct{}

func (limits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return errTooDeep
	}
	return nil
}

// CheckAlias allows every alias: an expansion counts what they repeat.
func (limits) CheckAlias(int, int) error { return nil }

// expansion writes out aliases and merge keys.
type expansion struct{ nodes int }

// expand copies a node, at the line where an alias to it stands.
func (e *expansion) expand(n *yaml.Node, depth, line int) *yaml.Node {
	if e.nodes++; depth > maxDepth {
		e.nodes = maxNodes + 1
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	} else {
		line = n.Line
	}
	out := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Line: line}
	if e.nodes > maxNodes {
		return out
	}
	if n.Kind == yaml.MappingNode {
		e.pairs(n, out, depth)
		return out
	}
	for _, c := range n.Content {
		out.Content = append(out.Content, e.expand(c, depth+1, line))
	}
	return out
}

// pairs copies the keys of a mapping, and those that merge keys bring in after them.
func (e *expansion) pairs(n, out *yaml.Node, depth int) {
	seen := map[string]bool{}
	add := func(k, v *yaml.Node) {
		if !seen[k.Value] && k.Kind == yaml.ScalarNode {
			seen[k.Value] = true
			out.Content = append(out.Content, k, v)
		}
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := e.expand(n.Content[i], depth+1, n.Line), e.expand(n.Content[i+1], depth+1, n.Line)
		switch {
		case k.Tag != "!!merge":
			add(k, v)
		case v.Kind == yaml.SequenceNode:
			merged = append(merged, v.Content...)
		default:
			merged = append(merged, v)
		}
	}
	for _, m := range merged {
		for i := 0; m.Kind == yaml.MappingNode && i+1 < len(m.Content); i += 2 {
			add(m.Content[i], m.Content[i+1])
		}
	}
}

// handlers say by key what is done with a value.
type handlers map[string]func(node)

// skip gives a handler that says why a value is not taken.
func (d *draft) skip(why string) func(node) {
	return func(n node) { d.lost(n.at, "%s", why) }
}

// drop gives a handler that says why the spec need not have the value.
func (d *draft) drop(why string) func(node) {
	return func(n node) { d.dropped(n.at, "%s", why) }
}

// mapping calls the handlers of the keys in their order; a key without one is said to be
// unknown. First come the keys that others depend on.
func (d *draft) mapping(n node, h handlers, first ...string) {
	if n.Kind != yaml.MappingNode {
		if !n.empty() {
			d.lost(n.at, "it is no mapping")
		}
		return
	}
	fields := n.fields()
	slices.SortStableFunc(fields, func(a, b field) int { return rank(first, a.name) - rank(first, b.name) })
	for _, f := range fields {
		switch do := h[f.name]; {
		case f.empty():
		case do == nil:
			d.lost(f.at, "there is nothing like it in a spec")
		default:
			do(f.node)
		}
	}
}

func rank(first []string, name string) int {
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

// field is a key of a mapping with its value.
type field struct {
	name string
	node
}

func (n node) fields() (out []field) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		k := n.Content[i]
		key := k.Value
		if n.key != "" {
			key = n.key + "." + key
		}
		out = append(out, field{k.Value, node{n.Content[i+1], at{k.Line, key}}})
	}
	return out
}

// get gives the value of a key, and whether it is there.
func (n node) get(name string) (node, bool) {
	for _, f := range n.fields() {
		if f.name == name && !f.empty() {
			return f.node, true
		}
	}
	return node{&yaml.Node{}, n.sub(".%s", name)}, false
}

// text gives the text of a key, "" without one.
func (n node) text(name string) string {
	c, _ := n.get(name)
	if c.Kind != yaml.ScalarNode {
		return ""
	}
	return c.Value
}

// items gives the elements of a list; a value that is none is its only element.
func (n node) items() (out []node) {
	if n.Kind != yaml.SequenceNode {
		if n.empty() {
			return nil
		}
		return []node{n}
	}
	for i, c := range n.Content {
		out = append(out, node{c, at{c.Line, fmt.Sprintf("%s[%d]", n.key, i)}})
	}
	return out
}

// texts gives the elements of a list that are texts; others are said to be none.
func (d *draft) texts(n node) (out []node) {
	for _, c := range n.items() {
		if c.Kind != yaml.ScalarNode || c.empty() {
			d.lost(c.at, "it is no text")
			continue
		}
		out = append(out, c)
	}
	return out
}

func (n node) empty() bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
