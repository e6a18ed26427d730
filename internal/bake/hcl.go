package bake

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// HCL gives docker-bake.hcl.
func (f *File) HCL() []byte {
	var out strings.Builder
	for _, line := range f.Comment {
		fmt.Fprintf(&out, "# %s\n", line)
	}
	for _, v := range f.Variables {
		out.WriteByte('\n')
		if v.Comment != "" {
			fmt.Fprintf(&out, "# %s\n", v.Comment)
		}
		block(&out, "variable", v.Name, []Attr{{"default", v.Default}})
	}
	for _, g := range f.Groups {
		out.WriteByte('\n')
		block(&out, "group", g.Name, []Attr{{"targets", literals(g.Targets)}})
	}
	for _, t := range f.Targets {
		out.WriteByte('\n')
		block(&out, "target", t.Name, t.Attrs)
	}
	return hclwrite.Format([]byte(out.String()))
}

// upper are the keys that are written without quotes: others may be words of the language.
var upper = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

func block(out *strings.Builder, kind, name string, attrs []Attr) {
	fmt.Fprintf(out, "%s %s {\n", kind, quoteHCL(name))
	for _, a := range attrs {
		fmt.Fprintf(out, "%s = ", a.Name)
		writeHCL(out, a.Value)
		out.WriteByte('\n')
	}
	out.WriteString("}\n")
}

func writeHCL(out *strings.Builder, v Value) {
	switch v := v.(type) {
	case Text:
		out.WriteString(v.hcl())
	case Bool:
		fmt.Fprint(out, bool(v))
	case List:
		open, separator, end := "[", ", ", "]"
		if v.long() {
			open, separator, end = "[\n", ",\n", ",\n]"
		}
		out.WriteString(open)
		for i, e := range v {
			if i > 0 {
				out.WriteString(separator)
			}
			writeHCL(out, e)
		}
		out.WriteString(end)
	case Map:
		out.WriteString("{\n")
		for _, a := range v {
			key := a.Name
			if !upper.MatchString(key) {
				key = quoteHCL(key)
			}
			out.WriteString(key + " = ")
			writeHCL(out, a.Value)
			out.WriteByte('\n')
		}
		out.WriteString("}")
	default:
		panic(fmt.Sprintf("bake: no HCL for %T", v))
	}
}

// long reports whether each element has a line of its own.
func (l List) long() bool {
	length := 0
	for _, e := range l {
		if t, ok := e.(Text); ok {
			length += len(t.hcl())
		}
	}
	return length > 80
}

// hcl is the text as an expression of HCL.
func (t Text) hcl() string {
	if len(t) == 1 && t[0].Expr != "" {
		return t[0].Expr
	}
	var out strings.Builder
	for i, p := range t {
		if p.Expr != "" {
			out.WriteString("${" + p.Expr + "}")
			continue
		}
		quoted := quoteHCL(p.literal(i+1 < len(t)))
		out.WriteString(quoted[1 : len(quoted)-1])
	}
	return `"` + out.String() + `"`
}

// quoteHCL is a string literal.
func quoteHCL(s string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes())
}
