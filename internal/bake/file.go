package bake

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

// File is what a bake file says. [File.JSON] and [File.HCL] say it in the same order.
type File struct {
	Comment   []string // lines
	Variables []Variable
	Groups    []Group
	Targets   []Target
}

// Variable is set by the environment variable of its name.
type Variable struct {
	Name    string
	Comment string
	Default Value // Text or Bool
}

// Group names targets, or other groups.
type Group struct {
	Name    string
	Targets []string
}

// Target is one build, or, with a name that begins with _, what others inherit.
type Target struct {
	Name  string
	Attrs []Attr
}

// Attr is a named value.
type Attr struct {
	Name  string
	Value Value
}

// Value is what an attribute is set to. The set is closed: Text, Bool, List, Map.
type Value interface{ value() }

// Text is made of its parts. A single expression may give any type.
type Text []Part

// Part is either literal text or an expression of HCL's language, which both formats take.
type Part struct{ Literal, Expr string }

// Bool is true or false.
type Bool bool

// List holds values.
type List []Value

// Map holds values by name, in an order.
type Map []Attr

func (Text) value() {}
func (Bool) value() {}
func (List) value() {}
func (Map) value()  {}

// literal is text without expressions.
func literal(s string) Text { return Text{{Literal: s}} }

// expr is the value of an expression.
func expr(s string) Text { return Text{{Expr: s}} }

// literals is a list of texts.
func literals(list []string) (out List) {
	for _, s := range list {
		out = append(out, literal(s))
	}
	return out
}

// check reports text that bake would read as another: it takes UTF-8 only, and composes it.
func (f *File) check() error {
	for _, t := range f.Targets {
		for _, a := range t.Attrs {
			if err := checkAttr(a); err != nil {
				return fmt.Errorf("target %s: %w", t.Name, err)
			}
		}
	}
	return nil
}

func checkAttr(a Attr) error {
	if !isPlain(a.Name) {
		return fmt.Errorf("a bake file can't say %q: it is not Unicode text in composed form (NFC)", a.Name)
	}
	return checkValue(a.Name, a.Value)
}

func checkValue(name string, v Value) error {
	switch v := v.(type) {
	case Text:
		for _, p := range v {
			if !isPlain(p.Literal) {
				return fmt.Errorf("%s: a bake file can't say %q: it is not Unicode text in composed form (NFC)", name, p.Literal)
			}
		}
	case List:
		for _, e := range v {
			if err := checkValue(name, e); err != nil {
				return err
			}
		}
	case Map:
		for _, a := range v {
			if err := checkAttr(a); err != nil {
				return err
			}
		}
	}
	return nil
}

func isPlain(s string) bool { return utf8.ValidString(s) && cty.NormalizeString(s) == s }

// template is text in HCL's template language, as a string of a JSON bake file is read.
func (t Text) template() string {
	var out strings.Builder
	for i, p := range t {
		if p.Expr != "" {
			out.WriteString("${" + p.Expr + "}")
			continue
		}
		out.WriteString(escaped(p.literal(i+1 < len(t))))
	}
	return out.String()
}

// escape makes literal text of what begins an interpolation or a directive.
var escape = strings.NewReplacer("${", "$${", "%{", "%%{")

// escaped is literal text as a template. A byte order mark would be left out at its beginning.
func escaped(s string) string {
	if rest, ok := strings.CutPrefix(s, "\ufeff"); ok {
		return `${"\uFEFF"}` + escape.Replace(rest)
	}
	return escape.Replace(s)
}

// literal is the text of a part. Before an expression it can't end in a sign that would
// escape that.
func (p Part) literal(followed bool) string {
	if followed && (strings.HasSuffix(p.Literal, "$") || strings.HasSuffix(p.Literal, "%")) {
		panic(fmt.Sprintf("bake: %q before an expression", p.Literal))
	}
	return p.Literal
}
