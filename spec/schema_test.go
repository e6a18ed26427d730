package spec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/spec"
)

// golden compares a generated file with what is committed.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what go test ./spec -update makes of the types: (-want +got)\n%s", file, diff)
	}
}

// schema is a JSON Schema of draft 2020-12.
type schema struct {
	Dialect       string             `json:"$schema,omitempty"`
	Ref           string             `json:"$ref,omitempty"`
	Title         string             `json:"title,omitempty"`
	Description   string             `json:"description,omitempty"`
	Default       any                `json:"default,omitempty"`
	Examples      []any              `json:"examples,omitempty"`
	Type          any                `json:"type,omitempty"`
	Enum          []any              `json:"enum,omitempty"`
	Pattern       string             `json:"pattern,omitempty"`
	Minimum       *int               `json:"minimum,omitempty"`
	MinLength     int                `json:"minLength,omitempty"`
	OneOf         []*schema          `json:"oneOf,omitempty"`
	Items         *schema            `json:"items,omitempty"`
	PrefixItems   []*schema          `json:"prefixItems,omitempty"`
	MinItems      int                `json:"minItems,omitempty"`
	Required      []string           `json:"required,omitempty"`
	PropertyNames *schema            `json:"propertyNames,omitempty"`
	Properties    properties         `json:"properties,omitempty"`
	Additional    any                `json:"additionalProperties,omitempty"`
	MinProperties int                `json:"minProperties,omitempty"`
	MaxProperties int                `json:"maxProperties,omitempty"`
	Defs          map[string]*schema `json:"$defs,omitempty"`
}

// properties are in the order of the keys; a value of false is of a key that may not be.
type properties []property

type property struct {
	name  string
	value any
}

func (ps properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, p := range ps {
		value, err := jsonText(p.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%c%q:%s", "{,"[min(i, 1)], p.name, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func jsonText(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// schemaOf writes the model as a schema.
func schemaOf(t *testing.T, m *model) []byte {
	root := m.object(m.records[0])
	root.Dialect = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "xbuild spec"
	root.Description = "Everything is optional: an empty file builds the module's commands."
	root.Type, root.MinProperties = []string{"object", "null"}, 0
	root.Defs = map[string]*schema{}
	for _, r := range m.records[1:] {
		root.Defs[r.typ.Name()] = m.object(r)
	}
	text, err := jsonText(root)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}

// object is the schema of a record as a mapping.
func (m *model) object(r *record) *schema {
	s := &schema{Type: "object", Additional: false, MinProperties: 1}
	m.addKeys(s, r)
	switch r.typ {
	case reflect.TypeFor[spec.Private]():
		s.MaxProperties = 1
	case reflect.TypeFor[spec.File]():
		for _, source := range spec.FileSources() {
			alternative := &schema{Required: append([]string{source.Key}, source.Needs...)}
			for _, name := range source.Without {
				alternative.Properties = append(alternative.Properties, property{name, false})
			}
			s.OneOf = append(s.OneOf, alternative)
		}
	}
	return s
}

func (m *model) addKeys(s *schema, r *record) {
	for _, k := range r.keys {
		s.Properties = append(s.Properties, property{k.name, m.property(k)})
		if k.required {
			s.Required = append(s.Required, k.name)
		}
	}
	for _, in := range r.in {
		m.addKeys(s, in)
	}
}

// property is the schema of a key's value.
func (m *model) property(k key) *schema {
	s := m.value(k, k.typ)
	if k.typ.Kind() == reflect.String && s.Enum == nil {
		s.MinLength = 1
	}
	switch {
	case k.byNone == "true" || k.byNone == "false":
		s.Default = k.byNone == "true"
	case slices.Contains(s.Enum, any(k.byNone)):
		s.Default = k.byNone
	}
	s.Description = plain(k.doc)
	if k.byNone != "" && s.Default == nil {
		s.Description += " Default: " + plain(k.byNone) + "."
	}
	if inner, _ := structIn(k.typ); inner == nil {
		s.Examples = []any{jsonOf(m.t, k.example)}
	}
	return s
}

// plain gives text without the marks of Markdown.
func plain(text string) string {
	text = regexp.MustCompile(`\[More\]\((\S+)\)\.`).ReplaceAllString(text, "$1")
	return strings.ReplaceAll(text, "`", "")
}

// scalars are what YAML may write a string as.
var scalars = []string{"string", "number", "boolean"}

// value is the schema of a value of type t under key k.
func (m *model) value(k key, t reflect.Type) *schema {
	if short, ok := spec.ShortKey(reflect.Zero(t).Interface()); ok {
		return &schema{OneOf: []*schema{m.short(t, short), m.long(k, t)}}
	}
	if spec.IsSwitched(reflect.New(t).Interface()) {
		return &schema{OneOf: []*schema{{Type: "boolean"}, m.long(k, t)}}
	}
	return m.long(k, t)
}

// short is the schema of the string that stands for a value of type t.
func (m *model) short(t reflect.Type, name string) *schema {
	if name == "" {
		return &schema{Type: scalars, MinLength: 1}
	}
	f, owner := fieldOf(t, name)
	s := m.value(key{record: owner, name: name}, f.Type)
	s.MinLength = 1
	return s
}

func (m *model) long(k key, t reflect.Type) *schema {
	switch t.Kind() {
	case reflect.Pointer:
		return m.value(k, t.Elem())
	case reflect.Struct:
		return &schema{Ref: "#/$defs/" + t.Name()}
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int:
		return &schema{Type: "integer", Minimum: new(0)}
	case reflect.String:
		return text(spec.Forms[k.id()])
	case reflect.Slice:
		s := &schema{Type: "array", Items: m.value(k, t.Elem())}
		if !k.added {
			s.MinItems = 1
		}
		if k.id() == "Healthcheck.test" {
			s.PrefixItems = []*schema{{Enum: anys(spec.HealthKinds)}}
		}
		return s
	case reflect.Map:
		return m.mapping(k, t)
	}
	m.t.Fatalf("no schema for %s", t)
	return nil
}

func (m *model) mapping(k key, t reflect.Type) *schema {
	s := &schema{Type: "object", MinProperties: 1, Additional: m.value(k, t.Elem())}
	if t.Elem() == reflect.TypeFor[spec.Image]() { // all defaults
		s.Additional = &schema{OneOf: []*schema{{Ref: "#/$defs/Image"}, {Type: "null"}, {Type: "object", Additional: false}}}
	}
	switch form := spec.Forms[k.id()]; {
	case form.Only != nil:
		s.PropertyNames = &schema{Enum: anys(form.Only)}
	case form.Names != "":
		s.PropertyNames = &schema{Pattern: form.Names}
	}
	return s
}

// text is the schema of a string. YAML gives 7 as a number where the spec means "7".
func text(form spec.Form) *schema {
	if form.Words == nil {
		return &schema{Type: scalars, Pattern: form.Pattern}
	}
	s := &schema{Enum: anys(form.Words)}
	for _, w := range form.Words {
		if n, err := strconv.Atoi(w); err == nil {
			s.Enum = append(s.Enum, n)
		}
	}
	return s
}

func anys(words []string) (out []any) {
	for _, w := range words {
		out = append(out, w)
	}
	return out
}

// jsonOf gives what a node is in JSON.
func jsonOf(t *testing.T, n *yaml.Node) any {
	t.Helper()
	var v any
	if err := n.Load(&v); err != nil {
		t.Fatal(err)
	}
	return inJSON(v)
}

// inJSON gives what YAML has and JSON does not as strings.
func inJSON(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = inJSON(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = inJSON(v[key])
		}
	case map[any]any:
		out := map[string]any{}
		for key, value := range v {
			out[fmt.Sprint(key)] = inJSON(value)
		}
		return out
	case time.Time:
		return v.String()
	}
	return v
}

// TestSchema holds schema.json to the types, their comments and the forms of their keys.
func TestSchema(t *testing.T) {
	golden(t, "schema.json", schemaOf(t, newModel(t)))
	if !*update && !json.Valid(spec.Schema()) {
		t.Error("Schema is not JSON")
	}
}

// judge gives a function that says whether the schema accepts a file.
func judge(t testing.TB) func(data []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(spec.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(data []byte) error {
		var docs []any
		if err := yaml.Load(data, &docs, yaml.WithAllDocuments()); err != nil {
			return err
		}
		switch len(docs) {
		case 0:
			return compiled.Validate(nil)
		case 1:
			return compiled.Validate(inJSON(docs[0]))
		}
		return errors.New("several documents")
	}
}

// exampleSpecs gives the specs of the examples by file.
func exampleSpecs(t testing.TB) map[string][]byte {
	specs := map[string][]byte{}
	for _, name := range []string{"Dockerfile", "*.yaml"} {
		found, err := filepath.Glob("../examples/*/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.HasPrefix(data, []byte("# syntax=acme/xbuild")) {
				specs[file] = data
			}
		}
	}
	if len(specs) == 0 {
		t.Fatal("no spec in examples")
	}
	return specs
}

func TestSchemaAccepts(t *testing.T) {
	accepts := judge(t)
	files := inputs(t, "good/*.yaml")
	maps.Copy(files, exampleSpecs(t))
	for file, data := range files {
		if err := accepts(data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// beyondSchema are the rules that a schema can't hold, or not wholly.
var beyondSchema = slices.Sorted(slices.Values(slices.Concat(
	// They are about several values.
	[]string{
		"duplicate-binary", "duplicate-platform", "missing-binaries", "missing-entrypoint", "needs-cgo",
		"unknown-binary", "unknown-image",
	},
	// They are about the text of the file.
	[]string{"duplicate-key", "not-text", "too-large"},
	// They are about what a text means, or must not be, which a pattern can't tell.
	[]string{
		"bad-command", "bad-image", "bad-main", "bad-pgo", "bad-proxy", "bad-ref", "bad-signal", "bad-template",
		"oldest-go", "outside-context", "reserved-arg", "reserved-env", "reserved-name",
	},
)))

// TestSchemaRefuses holds that the schema refuses what Parse does, but for the rules of
// beyondSchema, and that each of those has a file which shows that it is beyond.
func TestSchemaRefuses(t *testing.T) {
	accepts := judge(t)
	needed := map[string]bool{}
	ruleRE := regexp.MustCompile(`(?m) \[([a-z-]+)\]$`)
	for file, data := range inputs(t, "bad/*.yaml") {
		message, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		rules := map[string]bool{}
		for _, found := range ruleRE.FindAllSubmatch(message, -1) {
			rules[string(found[1])] = true
		}
		if accepts(data) != nil {
			continue
		}
		for rule := range rules {
			needed[rule] = true
			if !slices.Contains(beyondSchema, rule) {
				t.Errorf("the schema accepts %s, which has a mistake of rule %s", file, rule)
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(needed)), beyondSchema); diff != "" && !t.Failed() {
		t.Errorf("(-what files of testdata/bad show +beyondSchema)\n%s", diff)
	}
}
