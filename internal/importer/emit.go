package importer

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/spec"
)

// syntaxLine is the first line of a spec, which names the frontend.
const syntaxLine = "# syntax=acme/xbuild\n"

// emit writes a spec as YAML: its keys in the order of the documentation, those of mappings
// sorted. Comments, by top-level key, come before the keys, "" before all; each line of one
// begins with # or is empty.
func emit(s *spec.Spec, comments map[string]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(syntaxLine + comments[""])
	root := mapping(reflect.ValueOf(s).Elem())
	keys := map[string]bool{}
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		data, err := yaml.Dump(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{key, value}},
			yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithCompactSeqIndent(false))
		if err != nil {
			return nil, err
		}
		if value.Kind != yaml.ScalarNode || comments[key.Value] != "" {
			out.WriteString("\n")
		}
		out.WriteString(comments[key.Value])
		out.Write(data)
		keys[key.Value] = true
	}
	for _, key := range sorted(comments) {
		if key != "" && !keys[key] {
			out.WriteString("\n" + comments[key])
		}
	}
	return out.Bytes(), nil
}

// value gives what a value of the spec is written as, nil for what is left out.
func value(v reflect.Value) *yaml.Node {
	switch v.Kind() {
	case reflect.String:
		return text(v.String())
	case reflect.Bool, reflect.Int:
		n := &yaml.Node{}
		if err := n.Encode(v.Interface()); err != nil {
			return nil
		}
		return n
	case reflect.Pointer:
		return value(v.Elem())
	case reflect.Slice:
		return list(v)
	case reflect.Map:
		return table(v)
	}
	switch s := v.Interface().(type) {
	case spec.CGo:
		if !s.Enabled || reflect.DeepEqual(s, spec.CGo{Enabled: true}) {
			return value(reflect.ValueOf(s.Enabled))
		}
	case spec.Binary:
		if reflect.DeepEqual(s, spec.Binary{Main: s.Main}) {
			return text(s.Main)
		}
	case spec.ImageBinary:
		if s.Path == "" {
			return text(s.Name)
		}
	}
	return mapping(v)
}

func list(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	length, scalars := 0, true
	for i := range v.Len() {
		c := value(v.Index(i))
		n.Content = append(n.Content, c)
		length += len(c.Value) + 4
		scalars = scalars && c.Kind == yaml.ScalarNode
	}
	if scalars && length < 80 {
		n.Style = yaml.FlowStyle
	}
	return n
}

func table(v reflect.Value) *yaml.Node {
	if base, ok := v.Interface().(spec.Base); ok && len(base) == 1 && base[""] != "" {
		return text(base[""])
	}
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		n.Content = append(n.Content, text(k.String()), value(v.MapIndex(k)))
	}
	return n
}

// mapping gives the fields of a struct that are set.
func mapping(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for i := range v.NumField() {
		f := v.Field(i)
		tag := v.Type().Field(i).Tag.Get("yaml")
		empty := f.IsZero() || (f.Kind() == reflect.Slice || f.Kind() == reflect.Map) && f.Len() == 0
		switch {
		case tag == "" || tag == "-" || empty:
		case tag == ",inline":
			n.Content = append(n.Content, mapping(f).Content...)
		default:
			if c := value(f); c.Kind != yaml.MappingNode || len(c.Content) > 0 {
				n.Content = append(n.Content, text(tag), c)
			}
		}
	}
	if len(n.Content) == 0 {
		n.Style = yaml.FlowStyle
	}
	return n
}

// plainRE are the texts that need no quotes, but for notPlain.
var (
	plainRE  = regexp.MustCompile(`^[A-Za-z./_-][A-Za-z0-9./_=@+-]*(:[A-Za-z0-9][A-Za-z0-9./_=@+-]*)*$`)
	notPlain = regexp.MustCompile(`^(?i:null|true|false|yes|no|on|off|y|n|\.inf|\.nan|-\.inf|=|-|\.\.\..*|---.*|[-.][0-9].*)$`)
)

func text(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if !plainRE.MatchString(s) || notPlain.MatchString(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
