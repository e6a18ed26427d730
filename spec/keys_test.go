package spec_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/spec"
)

// record is a struct of the spec: what the schema and the reference say of it.
type record struct {
	typ  reflect.Type
	at   string // where it first stands: images.NAME.files[]
	doc  string
	keys []key
	in   []*record // whose keys it has besides
}

// key is one key of a record.
type key struct {
	record   reflect.Type // that has the field
	name     string       // in the file
	typ      reflect.Type
	doc      string
	byNone   string // what holds without the key
	required bool
	added    bool // a list that may be empty
	example  *yaml.Node
}

// id names a key for good, whichever record it is reached through.
func (k key) id() string { return k.record.Name() + "." + k.name }

// model reads the types, their comments and the examples of testdata/good.
type model struct {
	t        *testing.T
	comments map[string]string     // by Type and Type.Field
	examples map[string]*yaml.Node // by the id of a key
	records  []*record             // in the order in which they are first met
}

func newModel(t *testing.T) *model {
	m := &model{t: t, comments: comments(t), examples: map[string]*yaml.Node{}}
	for _, file := range []string{"sample", "shop", "more"} {
		var doc yaml.Node
		if err := yaml.Load(inputs(t, "good/"+file+".yaml")["testdata/good/"+file+".yaml"], &doc); err != nil {
			t.Fatal(err)
		}
		m.collect(doc.Content[0], reflect.TypeFor[spec.Spec](), "")
	}
	m.add(reflect.TypeFor[spec.Spec](), "")
	return m
}

// comments gives the comments of spec.go on types and fields, each as one line.
func comments(t *testing.T) map[string]string {
	f, err := parser.ParseFile(token.NewFileSet(), "spec.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		name := g.Specs[0].(*ast.TypeSpec).Name.Name
		out[name] = oneLine(g.Doc)
		s, ok := g.Specs[0].(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range s.Fields.List {
			for _, id := range field.Names {
				out[name+"."+id.Name] = oneLine(field.Doc)
			}
		}
	}
	return out
}

func oneLine(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }

// collect remembers the first value of each key that is not empty.
func (m *model) collect(n *yaml.Node, t reflect.Type, id string) {
	if id != "" && m.examples[id] == nil && (n.Kind == yaml.ScalarNode || len(n.Content) > 0) {
		m.examples[id] = n
	}
	switch {
	case t.Kind() == reflect.Pointer:
		m.collect(n, t.Elem(), id)
	case n.Kind == yaml.SequenceNode:
		for _, c := range n.Content {
			m.collect(c, t.Elem(), "")
		}
	case n.Kind == yaml.MappingNode && t.Kind() == reflect.Map:
		for i := 1; i < len(n.Content); i += 2 {
			m.collect(n.Content[i], t.Elem(), "")
		}
	case n.Kind == yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			f, owner := fieldOf(t, n.Content[i-1].Value)
			m.collect(n.Content[i], f.Type, owner.Name()+"."+n.Content[i-1].Value)
		}
	}
}

// fieldOf gives the field of a key, and the struct that has it.
func fieldOf(t reflect.Type, name string) (reflect.StructField, reflect.Type) {
	for f := range fields(t) {
		if f.Anonymous {
			if inner, owner := fieldOf(f.Type, name); owner != nil {
				return inner, owner
			}
		} else if f.Tag.Get("yaml") == name {
			return f, t
		}
	}
	return reflect.StructField{}, nil
}

// fields gives the fields of a struct that have keys, or whose fields have.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" && !yield(f) {
				return
			}
		}
	}
}

// add adds a struct, then those that it holds, each once.
func (m *model) add(t reflect.Type, at string) *record {
	if i := slices.IndexFunc(m.records, func(r *record) bool { return r.typ == t }); i >= 0 {
		return m.records[i]
	}
	r := &record{typ: t, at: at, doc: m.words(t, m.comments[t.Name()])}
	m.records = append(m.records, r)
	for f := range fields(t) {
		if f.Anonymous {
			r.in = append(r.in, m.add(f.Type, strings.ToLower(f.Name)))
			continue
		}
		r.keys = append(r.keys, m.key(t, f))
		if inner, suffix := structIn(f.Type); inner != nil {
			m.add(inner, strings.TrimPrefix(at+"."+f.Tag.Get("yaml")+suffix, "."))
		}
	}
	return r
}

// structIn gives the struct that a type is or holds, and how its place is written.
func structIn(t reflect.Type) (reflect.Type, string) {
	switch t.Kind() {
	case reflect.Pointer:
		return structIn(t.Elem())
	case reflect.Slice:
		inner, suffix := structIn(t.Elem())
		return inner, "[]" + suffix
	case reflect.Map:
		inner, suffix := structIn(t.Elem())
		return inner, ".NAME" + suffix
	case reflect.Struct:
		return t, ""
	}
	return nil, ""
}

var (
	defaultRE  = regexp.MustCompile(`\s*Default: ([^.]*(?:\.\S[^.]*)*)\.`)
	requiredRE = regexp.MustCompile(`\s*Required\.`)
)

func (m *model) key(t reflect.Type, f reflect.StructField) key {
	k := key{record: t, name: f.Tag.Get("yaml"), typ: f.Type, added: f.Tag.Get("list") == "added"}
	doc := m.words(t, m.comments[t.Name()+"."+f.Name])
	if found := defaultRE.FindStringSubmatch(doc); found != nil {
		k.byNone = found[1]
		doc = strings.TrimSpace(defaultRE.ReplaceAllString(doc, ""))
	}
	k.required = requiredRE.MatchString(doc)
	k.doc = strings.TrimSpace(requiredRE.ReplaceAllString(doc, ""))
	k.example = m.examples[k.id()]
	if k.doc == "" {
		m.t.Errorf("%s has no comment", k.id())
	}
	if k.example == nil {
		m.t.Errorf("testdata/good/sample.yaml, shop.yaml and more.yaml have no example of %s", k.id())
	}
	return k
}

var (
	wordRE  = regexp.MustCompile(`[A-Za-z0-9]+`)
	typeRE  = regexp.MustCompile(`^[A-Z]\w+ (?:is|are) (.)`)
	urlEnds = regexp.MustCompile(` (https://\S+)$`)
)

// words gives a comment in the words of the file: a field of the struct is its key, and
// the type, with which a comment begins, is left out.
func (m *model) words(t reflect.Type, comment string) string {
	keys := map[string]string{}
	for f := range fields(t) {
		keys[f.Name] = f.Tag.Get("yaml")
	}
	comment = urlEnds.ReplaceAllString(comment, " [More]($1).")
	if found := typeRE.FindStringSubmatchIndex(comment); found != nil && strings.HasPrefix(comment, t.Name()+" ") {
		comment = strings.ToUpper(comment[found[2]:found[3]]) + comment[found[3]:]
	}
	var out strings.Builder
	last := 0
	for _, at := range wordRE.FindAllStringIndex(comment, -1) {
		word, after := comment[at[0]:at[1]], comment[at[1]:]
		if at[0] > 0 && comment[at[0]-1] == '.' { // of a template
			continue
		}
		if name, ok := keys[word]; ok && !strings.HasPrefix(after, ":") && !(at[0] == 0 && strings.EqualFold(word, name) && noun(after)) {
			out.WriteString(comment[last:at[0]] + "`" + name + "`")
			last = at[1]
		}
	}
	return out.String() + comment[last:]
}

// noun reports whether a comment's first word, a field's name, is a plain noun in it, as
// in "Name of the project", by what comes after.
func noun(after string) bool {
	next, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	return slices.Contains([]string{"of", "that", "to", "by", "between", "in", "after"}, next)
}

// example writes the value of a node on one line.
func example(n *yaml.Node) string {
	var items []string
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			items = append(items, example(c))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			items = append(items, example(n.Content[i-1])+": "+example(n.Content[i]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return strconv.Quote(n.Value)
	}
	return n.Value
}

// TestForms holds that each form is of a key.
func TestForms(t *testing.T) {
	m := newModel(t)
	known := map[string]bool{}
	for _, r := range m.records {
		for _, k := range r.keys {
			known[k.id()] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(spec.Forms)) {
		if !known[id] {
			t.Errorf("there is no key %s", id)
		}
	}
}
