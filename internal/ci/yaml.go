package ci

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// field is an entry of a mapping.
type field struct {
	key   string
	value *yaml.Node
}

// mapping keeps the order of its fields, without those that have no value.
func mapping(fields ...field) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fields {
		if f.value != nil {
			n.Content = append(n.Content, text(f.key), f.value)
		}
	}
	return n
}

// text is a string, whatever it looks like.
func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

func boolean(b bool) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(b)}
}

func number(i int) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(i)}
}

// list is nil when it is empty.
func list(elements ...*yaml.Node) *yaml.Node {
	if len(elements) == 0 {
		return nil
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: elements}
}

func texts(elements ...string) *yaml.Node {
	var nodes []*yaml.Node
	for _, s := range elements {
		nodes = append(nodes, text(s))
	}
	return list(nodes...)
}

// short is a list or mapping on one line.
func short(n *yaml.Node) *yaml.Node {
	n.Style = yaml.FlowStyle
	return n
}

// merge gives one mapping of several.
func merge(maps ...*yaml.Node) *yaml.Node {
	out := mapping()
	for _, m := range maps {
		out.Content = append(out.Content, m.Content...)
	}
	return out
}

// encode writes a document below a comment.
func encode(comment string, root *yaml.Node) ([]byte, error) {
	data, err := yaml.Dump(root, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1), yaml.WithUnicode(false))
	if err != nil {
		return nil, err
	}
	return append([]byte("# "+comment+"\n"), data...), nil
}
