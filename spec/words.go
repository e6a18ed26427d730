package spec

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// plainTags are the explicit tags that say no more than the value itself does.
var plainTags = map[string]bool{
	"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!map": true, "!!seq": true,
}

// resolve gives what an alias stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// isEmpty reports whether n is null or an empty mapping.
func isEmpty(n *yaml.Node) bool {
	return isNull(n) || n.Kind == yaml.MappingNode && len(n.Content) == 0
}

// describe says how a value of the type is written.
func describe(t reflect.Type) string {
	if short, ok := reflect.Zero(t).Interface().(shortForm); ok {
		if short.shortKey() == "" {
			return "a string, or a mapping of strings"
		}
		return fmt.Sprintf("a mapping, or a string for its key %q", short.shortKey())
	}
	if _, ok := reflect.New(t).Interface().(switched); ok {
		return "true, false or a mapping"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number, 0 or more"
	case reflect.Pointer:
		return describe(t.Elem())
	case reflect.Slice:
		if isText(t.Elem()) {
			return "a list of strings"
		}
		return "a list of mappings"
	case reflect.Map:
		if t.Elem().Kind() == reflect.String {
			return "a mapping of strings"
		}
		return "a mapping"
	default:
		return "a mapping"
	}
}

// isText reports whether a string can stand for a value of type t.
func isText(t reflect.Type) bool {
	_, short := reflect.Zero(t).Interface().(shortForm)
	return short || t.Kind() == reflect.String
}

// found says what kind of value n is.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	default:
		return "a string"
	}
}

// remedy shows, where it can be guessed, how n is written as type t.
func remedy(n *yaml.Node, t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Slice && n.Kind == yaml.ScalarNode && isText(t.Elem()):
		return asList(n.Value)
	case t.Kind() == reflect.Slice && n.Kind == yaml.MappingNode && t.Elem().Kind() == reflect.Struct:
		return `; begin each element with "- "`
	case t.Kind() == reflect.Map && n.Kind == yaml.SequenceNode && t.Elem().Kind() == reflect.String:
		return "; write KEY: value"
	case t.Kind() == reflect.String && unquotedTemplate(n):
		return `; quote text that begins with "{{"`
	}
	return ""
}

// unquotedTemplate reports whether n is what YAML makes of an unquoted {{.Name}}.
func unquotedTemplate(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 &&
		len(n.Content) == 2 && n.Content[0].Kind == yaml.MappingNode
}

var plainScalar = regexp.MustCompile(`^[A-Za-z./_-][A-Za-z0-9./_=@+-]*$`)

// asList shows the words of text as a YAML list.
func asList(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 || len(text) > 60 {
		return ""
	}
	for i, w := range words {
		w = strings.TrimSuffix(w, ",")
		if !plainScalar.MatchString(w) {
			w = strconv.Quote(w)
		}
		words[i] = w
	}
	return fmt.Sprintf("; write [%s]", strings.Join(words, ", "))
}

// quote quotes a value for a message, a long one shortened.
func quote(s string) string {
	const longest = 60
	if r := []rune(s[:min(len(s), 4*longest+4)]); len(r) > longest {
		s = string(r[:longest]) + "…"
	}
	return strconv.Quote(s)
}
