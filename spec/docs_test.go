package spec_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
)

const generated = "<!-- go test ./spec -update makes this file of the types in spec/spec.go and their comments, the rules in\nspec/rules.go and plan/rules.go, and spec/testdata. -->\n\n"

// TestReference holds docs/spec.md to the types, their comments and the examples.
func TestReference(t *testing.T) {
	m := newModel(t)
	var b strings.Builder
	b.WriteString("# The spec\n\n" + generated)
	b.WriteString("A spec is a YAML file whose first line is `# syntax=acme/xbuild`. Every key is optional but those that say\n" +
		"*required*. The mistakes that a spec can have are in [rules.md](rules.md); `spec/schema.json` is its JSON Schema.\n" +
		"A *template* is text in which `{{.Version}}` and the like are filled in: [Version](../README.md#version).\n")
	for _, r := range m.records {
		fmt.Fprintf(&b, "\n## %s\n\n", r.title())
		if r.typ != reflect.TypeFor[spec.Spec]() {
			b.WriteString(prose(r.doc) + "\n\n")
		}
		if len(r.keys) > 0 {
			b.WriteString("| key | type | default | | example |\n|---|---|---|---|---|\n")
		}
		for _, k := range r.keys {
			b.WriteString(m.row(k))
		}
		if len(r.in) > 0 {
			b.WriteString("\nThe keys of " + r.links() + " too.\n")
		}
	}
	golden(t, "../docs/spec.md", []byte(b.String()))
}

func (r *record) title() string {
	if r.at == "" {
		return "Top level"
	}
	return r.at
}

// link leads to the section of a record.
func (r *record) link() string {
	anchor := regexp.MustCompile(`[^a-z0-9_ -]`).ReplaceAllString(strings.ToLower(r.title()), "")
	return fmt.Sprintf("[%s](#%s)", r.at, strings.ReplaceAll(anchor, " ", "-"))
}

// links leads to the records whose keys a record has besides, those of these included.
func (r *record) links() string {
	var links []string
	for _, in := range r.in {
		links = append(links, in.link())
		if more := in.links(); more != "" {
			links = append(links, more)
		}
	}
	return strings.Join(links, " and ")
}

// row is a key's row in the table of its record.
func (m *model) row(k key) string {
	byNone := k.byNone
	switch {
	case k.required:
		byNone = "*required*"
	case regexp.MustCompile(`^[a-z0-9./:]+$`).MatchString(byNone) && byNone != "all":
		byNone = "`" + byNone + "`"
	}
	sample := ""
	if inner, _ := structIn(k.typ); inner == nil {
		sample = "`" + example(k.example) + "`"
	}
	cells := []string{"`" + k.name + "`", m.typeWords(k, k.typ), byNone, prose(k.doc), sample}
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// prose gives a comment's text as Markdown.
func prose(text string) string { return strings.ReplaceAll(text, "*", `\*`) }

// typeWords says how a value of type t under key k is written.
func (m *model) typeWords(k key, t reflect.Type) string {
	if name, short := spec.ShortKey(reflect.Zero(t).Interface()); short && name == "" {
		return "text, or a mapping of them"
	} else if short {
		return "text, or " + m.add(t, "").link()
	}
	if spec.IsSwitched(reflect.New(t).Interface()) {
		return "true, false or " + m.add(t, "").link()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.typeWords(k, t.Elem())
	case reflect.Struct:
		return m.add(t, "").link()
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "number"
	case reflect.Slice:
		return "list: " + m.typeWords(k, t.Elem())
	case reflect.Map:
		return "mapping: " + m.typeWords(k, t.Elem())
	}
	if words := spec.Forms[k.id()].Words; words != nil {
		return "`" + strings.Join(words, "`, `") + "`"
	}
	return "text"
}

// TestRuleReference holds docs/rules.md to the rules and to the mistakes of testdata/bad.
func TestRuleReference(t *testing.T) {
	shown := ruleExamples(t)
	var b strings.Builder
	b.WriteString("# Rules\n\n" + generated)
	b.WriteString("## Mistakes\n\nNothing is built of a spec with one of them.\n")
	for _, r := range spec.Rules {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n```\n%s\n```\n", r.Name, r.Doc, shown[r.Name])
	}
	b.WriteString("\n## Mistakes beyond the spec\n\nThose of the source, the request, the images and the builder.\n" +
		"Those that say *warning* may stop nothing, and can't be skipped.\n")
	for _, r := range plan.Rules {
		what := r.Doc
		if r.Warning {
			what = "*Warning.* " + what
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", r.Name, what)
	}
	b.WriteString("\n## Warnings\n\nA project that accepts one names it under `checks.skip`.\n")
	for _, r := range spec.Warnings {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", r.Name, r.Doc)
	}
	golden(t, "../docs/rules.md", []byte(b.String()))
}

// ruleExamples gives for each rule the first mistake of testdata/bad, where the rule has a
// file of its name, of that.
func ruleExamples(t *testing.T) map[string]string {
	texts := inputs(t, "bad/*.txt")
	files := slices.Sorted(maps.Keys(texts))
	out := map[string]string{}
	for _, named := range []bool{true, false} {
		for _, file := range files {
			for line := range strings.Lines(string(texts[file])) {
				line = strings.TrimSpace(line)
				rule := strings.TrimSuffix(line[strings.LastIndexByte(line, '[')+1:], "]")
				if out[rule] == "" && (!named || strings.TrimSuffix(filepath.Base(file), ".txt") == rule) {
					out[rule] = line
				}
			}
		}
	}
	return out
}
