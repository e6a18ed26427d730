package spec

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/internal/diag"
)

// What a spec file may not exceed.
const (
	maxSize     = 1 << 20 // bytes
	maxDepth    = 32      // lists and mappings inside each other
	maxNodes    = 10_000  // values and keys, each counted again wherever an alias repeats it
	maxText     = 4 << 20 // bytes of text, counted as maxNodes is
	maxMistakes = 100     // that are reported
)

// Parse reads a spec file. The error is a [diag.List] with every mistake of the
// file, those of [Spec.Validate] included, in file order, each with its place
// under filename. A file that is empty or holds only comments is the zero Spec.
func Parse(filename string, data []byte) (*Spec, error) {
	s := &Spec{places: places{file: filename}}
	if mistakes := s.parse(data); len(mistakes) > 0 {
		return nil, tidy(mistakes)
	}
	return s, nil
}

func (s *Spec) parse(data []byte) diag.List {
	if mistakes := checkText(s.places.file, data); mistakes != nil {
		return mistakes
	}
	root, mistakes := load(s.places.file, data)
	if root == nil || mistakes != nil {
		return mistakes
	}
	if mistakes := checkSize(s.places.file, root); mistakes != nil {
		return mistakes
	}
	d := &decoder{report{file: s.places.file}}
	s.places.root = &place{key: d.pos(root), value: d.pos(root)}
	d.value(root, reflect.ValueOf(s).Elem(), s.places.root)
	return append(d.mistakes, s.validate()...)
}

// tidy puts mistakes in file order, each once: what an alias repeats is one
// mistake. Those beyond maxMistakes are only counted.
func tidy(l diag.List) error {
	slices.SortStableFunc(l, func(a, b *diag.Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	seen := map[diag.Error]bool{}
	l = slices.DeleteFunc(l, func(e *diag.Error) bool {
		if seen[*e] {
			return true
		}
		seen[*e] = true
		return false
	})
	if more := len(l) - maxMistakes; more > 0 {
		next := l[maxMistakes].Pos
		l = l[:maxMistakes:maxMistakes]
		l.Add(next, "too-many-mistakes", "%d more mistakes from here on", more)
	}
	return l.Err()
}

var bom = []byte("\ufeff")

// checkText reports the first reason why data can't be YAML text, if any.
func checkText(file string, data []byte) (l diag.List) {
	if len(data) > maxSize {
		l.Add(diag.Pos{File: file, Line: 1, Col: 1}, "too-large",
			"the file has %d bytes; a spec may have %d (1 MiB)", len(data), maxSize)
		return l
	}
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			l.Add(diag.Pos{File: file, Line: 1, Col: 1}, "not-text", "the file is UTF-16 text; save it as UTF-8")
			return l
		}
	}
	pos := diag.Pos{File: file, Line: 1, Col: 1}
	for rest := bytes.TrimPrefix(data, bom); len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			l.Add(pos, "not-text", "not a text file: byte 0x%02x is not UTF-8", rest[0])
			return l
		case r < 0x80 && !printable(r):
			l.Add(pos, "not-text", "not a text file: byte 0x%02x", rest[0])
			return l
		case !printable(r):
			l.Add(pos, "not-text", "not a text file: character U+%04X", r)
			return l
		case r == '\n':
			pos.Line, pos.Col = pos.Line+1, 1
		default:
			pos.Col++
		}
		rest = rest[n:]
	}
	return nil
}

// printable is YAML's c-printable: https://yaml.org/spec/1.2.2/#51-character-set
func printable(r rune) bool {
	switch {
	case r == '\t', r == '\n', r == '\r', r == 0x85:
		return true
	case r < 0x20, 0x7f <= r && r < 0xa0, r == 0xfeff, r == 0xfffe, r == 0xffff:
		return false
	}
	return true
}

// load gives the one document of the file, nil when it has none.
func load(file string, data []byte) (root *yaml.Node, l diag.List) {
	var docs []yaml.Node
	if err := loadAll(data, &docs); err != nil {
		return nil, diag.List{syntaxError(file, data, err)}
	}
	if len(docs) > 1 {
		l.Add(diag.Pos{File: file, Line: docs[1].Line, Col: docs[1].Column}, "many-documents",
			"a spec is one YAML document; a second one begins here")
		return nil, l
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 || isEmpty(docs[0].Content[0]) {
		return nil, nil
	}
	return docs[0].Content[0], nil
}

// loadAll reports as an error what the YAML library reports by a panic.
func loadAll(data []byte, docs *[]yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return yaml.Load(data, docs, yaml.WithAllDocuments(), yaml.WithPlugin(limits{}))
}

var errTooDeep = errors.New("too deep")

// limits stops the YAML library from going deeper than a spec may.
type limits struct{}

func (limits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > maxDepth {
		return errTooDeep
	}
	return nil
}

// CheckAlias allows every alias: checkSize counts what they repeat.
func (limits) CheckAlias(int, int) error { return nil }

var _ yaml.LoaderLimitsPlugin = limits{}

// sizer measures a document as it is with every alias written out.
type sizer struct {
	report
	nodes, text int
	alias       *yaml.Node          // the outermost that is being followed, if any
	within      map[*yaml.Node]bool // the aliases' targets that are being measured
}

// checkSize reports the first place where the document exceeds a limit, if any.
func checkSize(file string, root *yaml.Node) diag.List {
	m := sizer{report: report{file: file}, within: map[*yaml.Node]bool{}}
	m.measure(root, 1)
	return m.mistakes
}

// measure reports whether the node is within the limits.
func (m *sizer) measure(n *yaml.Node, depth int) bool {
	target := resolve(n)
	if n.Kind == yaml.AliasNode && m.alias == nil {
		m.alias = n
		defer func() { m.alias = nil }()
	}
	pos := m.pos(cmp.Or(m.alias, n))
	m.nodes++
	m.text += len(target.Value)
	collection := target.Kind == yaml.MappingNode || target.Kind == yaml.SequenceNode
	switch {
	case m.within[target]:
		m.add(m.pos(n), "alias-cycle", "alias %s is inside of what it stands for", quote(n.Value))
	case m.nodes > maxNodes:
		m.add(pos, "too-many-nodes", "more than %d values, counting those that aliases repeat", maxNodes)
	case m.text > maxText:
		m.add(pos, "too-large", "more than %d bytes of text (4 MiB), counting what aliases repeat", maxText)
	case collection && depth > maxDepth:
		m.add(pos, "too-deep", "more than %d lists and mappings inside each other", maxDepth)
	}
	if len(m.mistakes) > 0 {
		return false
	}
	m.within[target] = true
	defer delete(m.within, target)
	for _, c := range target.Content {
		if !m.measure(c, depth+1) {
			return false
		}
	}
	return true
}
