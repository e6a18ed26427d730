package bake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// JSON gives docker-bake.json. Each line of the comment is a property of the name //, which bake
// leaves out. Two of them are no YAML, so that bake does not take a file from its standard input for
// one of compose, and warn of each variable in it.
func (f *File) JSON() []byte {
	var vars, groups, targets Map
	for _, v := range f.Variables {
		vars = append(vars, Attr{v.Name, Map{{"default", v.Default}}})
	}
	for _, g := range f.Groups {
		groups = append(groups, Attr{g.Name, Map{{"targets", literals(g.Targets)}}})
	}
	for _, t := range f.Targets {
		targets = append(targets, Attr{t.Name, Map(t.Attrs)})
	}
	var top Map
	for _, line := range f.Comment {
		top = append(top, Attr{"//", literal(line)})
	}
	top = append(top, Attr{"variable", vars}, Attr{"group", groups}, Attr{"target", targets})
	var compact, out bytes.Buffer
	writeJSON(&compact, top)
	if err := json.Indent(&out, compact.Bytes(), "", "  "); err != nil {
		panic(fmt.Sprintf("bake: %v", err))
	}
	out.WriteByte('\n')
	return out.Bytes()
}

func writeJSON(out *bytes.Buffer, v Value) {
	switch v := v.(type) {
	case Text:
		out.WriteString(quoteJSON(v.template()))
	case Bool:
		fmt.Fprint(out, bool(v))
	case List:
		out.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSON(out, e)
		}
		out.WriteByte(']')
	case Map:
		out.WriteByte('{')
		for i, a := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(quoteJSON(escape.Replace(a.Name)) + ":")
			writeJSON(out, a.Value)
		}
		out.WriteByte('}')
	default:
		panic(fmt.Sprintf("bake: no JSON for %T", v))
	}
}

func quoteJSON(s string) string {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(fmt.Sprintf("bake: %v", err))
	}
	return strings.TrimSuffix(out.String(), "\n")
}
