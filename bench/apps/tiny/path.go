package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// find follows a path of keys and indexes, as in a.b[0].c, from the document's root.
func find(doc *yaml.Node, path string) (*yaml.Node, error) {
	if len(doc.Content) == 0 {
		return nil, errors.New("the document is empty")
	}
	node := doc.Content[0]
	done := ""
	for _, step := range steps(path) {
		next, err := child(node, step)
		if err != nil {
			return nil, fmt.Errorf("line %d: %q: %w", node.Line, strings.TrimPrefix(done+step, "."), err)
		}
		node, done = next, done+step
	}
	return node, nil
}

// steps gives each part of a path with the mark that begins it: ".a", "[0]".
func steps(path string) []string {
	path = "." + path
	var parts []string
	start := 0
	for i := 1; i < len(path); i++ {
		if path[i] == '.' || path[i] == '[' {
			parts = append(parts, path[start:i])
			start = i
		}
	}
	return append(parts, path[start:])
}

func child(node *yaml.Node, step string) (*yaml.Node, error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if index, ok := strings.CutPrefix(step, "["); ok {
		i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
		if err != nil || node.Kind != yaml.SequenceNode || i < 0 || i >= len(node.Content) {
			return nil, errors.New("no such index")
		}
		return node.Content[i], nil
	}
	if node.Kind == yaml.MappingNode {
		for i := 0; i < len(node.Content); i += 2 {
			if node.Content[i].Value == step[1:] {
				return node.Content[i+1], nil
			}
		}
	}
	return nil, errors.New("no such key")
}
