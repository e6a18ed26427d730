package bake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
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
	for _, kind := range []Attr{{"variable", vars}, {"group", groups}, {"target", targets}} {
		if len(kind.Value.(Map)) > 0 { // an empty one would be a block without a name
			top = append(top, kind)
		}
	}
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
			out.WriteString(quoteJSON(escaped(a.Name)) + ":")
			writeJSON(out, a.Value)
		}
		out.WriteByte('}')
	default:
		panic(fmt.Sprintf("bake: no JSON for %T", v))
	}
}

// quoteJSON writes ASCII only: HCL's reader of JSON takes a quotation mark and what Unicode joins
// to it for one character.
func quoteJSON(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r >= ' ' && r < 0x7f:
			out.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		}
	}
	out.WriteByte('"')
	return out.String()
}
