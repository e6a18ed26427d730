package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/internal/diag"
)

// shortForm is a struct or map that YAML may also give as a string.
type shortForm interface {
	// shortKey is the one key whose value the string is.
	shortKey() string
}

func (Binary) shortKey() string      { return "main" }
func (ImageBinary) shortKey() string { return "name" }
func (Base) shortKey() string        { return "" }

// switched is a struct that YAML may also give as true or false.
type switched interface {
	// set is called with the boolean, or with true before the keys of a mapping.
	set(bool)
}

func (c *CGo) set(on bool) { c.Enabled = on }

// report collects the mistakes of one file.
type report struct {
	file     string
	mistakes diag.List
}

func (r *report) pos(n *yaml.Node) diag.Pos {
	return diag.Pos{File: r.file, Line: n.Line, Col: n.Column}
}

func (r *report) add(pos diag.Pos, rule, format string, args ...any) {
	r.mistakes.Add(pos, rule, format, args...)
}

// decoder turns nodes into values by the `yaml` tags of the types. It goes on
// after a mistake, and marks the place of what it could not decode as broken.
type decoder struct{ report }

// value decodes n into v, whose place is at.
func (d *decoder) value(n *yaml.Node, v reflect.Value, at *place) {
	n = resolve(n)
	at.value = d.pos(n)
	if n.Style&yaml.TaggedStyle != 0 && !plainTags[n.Tag] {
		d.fail(at, at.value, "unknown-tag", "the tag %s has no meaning in a spec", quote(n.Tag))
		return
	}
	if isNull(n) {
		d.empty(n, v.Type(), at)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		if d.value(n, p.Elem(), at); !at.broken {
			v.Set(p)
		}
	case reflect.String:
		if d.kind(n, yaml.ScalarNode, v.Type(), at) {
			v.SetString(n.Value)
		}
	case reflect.Bool:
		v.SetBool(d.bool(n, v.Type(), at))
	case reflect.Int:
		d.int(n, v, at)
	case reflect.Slice:
		d.list(n, v, at)
	case reflect.Map:
		d.mapping(n, v, at)
	case reflect.Struct:
		d.record(n, v, at)
	default:
		panic(fmt.Sprintf("spec: no decoding for %s", v.Type()))
	}
}

func (d *decoder) fail(at *place, pos diag.Pos, rule, format string, args ...any) {
	at.broken = true
	d.add(pos, rule, format, args...)
}

// empty reports that nothing was written where a value of type t belongs.
func (d *decoder) empty(n *yaml.Node, t reflect.Type, at *place) {
	if n.Value == "" { // rather than ~ or null
		at.value = at.key
	}
	if t.Kind() == reflect.String {
		d.fail(at, at.value, "empty-value", `the value is empty; write "" for an empty string`)
		return
	}
	d.fail(at, at.value, "empty-value", "the value is empty; expected %s", describe(t))
}

// kind reports whether n is of the kind that type t is written as.
func (d *decoder) kind(n *yaml.Node, want yaml.Kind, t reflect.Type, at *place) bool {
	if n.Kind == want {
		return true
	}
	d.fail(at, at.value, "wrong-type", "expected %s, found %s%s", describe(t), found(n), remedy(n, t))
	return false
}

// bool gives the boolean that n is where type t, which takes one, belongs.
func (d *decoder) bool(n *yaml.Node, t reflect.Type, at *place) (on bool) {
	if !d.kind(n, yaml.ScalarNode, t, at) {
		return false
	}
	write := ""
	switch text := strings.ToLower(n.Value); {
	case n.Tag == "!!bool" && (text == "true" || text == "false"):
		return text == "true"
	case slices.Contains([]string{"true", "yes", "on", "1"}, text):
		write = "; write true"
	case slices.Contains([]string{"false", "no", "off", "0"}, text):
		write = "; write false"
	}
	d.fail(at, at.value, "wrong-type", "expected %s, found %s %s%s", describe(t), found(n), quote(n.Value), write)
	return false
}

// int decodes a decimal number that is not negative.
func (d *decoder) int(n *yaml.Node, v reflect.Value, at *place) {
	if !d.kind(n, yaml.ScalarNode, v.Type(), at) {
		return
	}
	i, err := strconv.ParseUint(n.Value, 10, 31) // takes no sign
	if err != nil || n.Tag != "!!int" {
		d.fail(at, at.value, "wrong-type", "expected %s, found %s %s", describe(v.Type()), found(n), quote(n.Value))
		return
	}
	v.SetInt(int64(i))
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, at *place) {
	if !d.kind(n, yaml.SequenceNode, v.Type(), at) {
		return
	}
	if len(n.Content) == 0 {
		d.fail(at, at.value, "empty-list", "the list is empty; leave the key out")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		item := at.item()
		item.key = d.pos(c)
		d.value(c, v.Index(i), item)
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, at *place) {
	if short, ok := v.Interface().(shortForm); ok && n.Kind == yaml.ScalarNode {
		text := reflect.New(v.Type().Elem()).Elem()
		d.field(n, text, at)
		if !at.broken {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(short.shortKey()), text)
		}
		return
	}
	if !d.kind(n, yaml.MappingNode, v.Type(), at) {
		return
	}
	pairs := d.pairs(n)
	if len(n.Content) == 0 {
		d.fail(at, at.value, "empty-mapping", "the mapping is empty; leave the key out")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, p := range pairs {
		elem := reflect.New(v.Type().Elem()).Elem()
		child := &place{}
		if !p.again {
			child = at.child(p.key.Value)
		}
		child.key = d.pos(p.key)
		if elem.Kind() == reflect.Struct && isEmpty(p.value) {
			child.value = child.key // all defaults
		} else {
			d.value(p.value, elem, child)
		}
		if !p.again {
			v.SetMapIndex(reflect.ValueOf(p.key.Value), elem)
		}
	}
}

func (d *decoder) record(n *yaml.Node, v reflect.Value, at *place) {
	fields := fieldsOf(v)
	if short, ok := v.Interface().(shortForm); ok && n.Kind == yaml.ScalarNode {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == short.shortKey() })
		child := at.child(short.shortKey())
		child.key = d.pos(n)
		d.field(n, fields[i].value, child)
		return
	}
	if s, ok := v.Addr().Interface().(switched); ok {
		if n.Kind == yaml.ScalarNode {
			s.set(d.bool(n, v.Type(), at))
			return
		}
		s.set(true)
	}
	if !d.kind(n, yaml.MappingNode, v.Type(), at) {
		return
	}
	pairs := d.pairs(n)
	if len(n.Content) == 0 {
		d.fail(at, at.value, "empty-mapping", "the mapping is empty; leave the key out")
		return
	}
	for _, p := range pairs {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == p.key.Value })
		if i < 0 {
			d.unknownKey(p.key, fields, at)
			continue
		}
		if p.again {
			d.field(p.value, reflect.New(fields[i].value.Type()).Elem(), &place{key: d.pos(p.key)})
			continue
		}
		child := at.child(p.key.Value)
		child.key, child.value = d.pos(p.key), d.pos(p.value)
		if fields[i].added && p.value.Kind == yaml.SequenceNode && len(p.value.Content) == 0 {
			continue
		}
		d.field(p.value, fields[i].value, child)
	}
}

// field decodes the value of a struct's key, where "" is as empty as nothing.
func (d *decoder) field(n *yaml.Node, v reflect.Value, at *place) {
	if v.Kind() == reflect.String && n.Kind == yaml.ScalarNode && (n.Value == "" || isNull(n)) {
		if at.value = d.pos(n); isNull(n) && n.Value == "" {
			at.value = at.key
		}
		d.fail(at, at.value, "empty-value", "the value is empty; leave the key out")
		return
	}
	d.value(n, v, at)
}

// unknownKey reports a key that no field has. A field that was probably meant
// counts as broken, so that it is not reported as missing too.
func (d *decoder) unknownKey(key *yaml.Node, fields []field, at *place) {
	legal := make([]string, len(fields))
	for i, f := range fields {
		legal[i] = f.key
	}
	hint := diag.Nearest(key.Value, legal)
	switch {
	case hint == "" && len(legal) == 1:
		d.add(d.pos(key), "unknown-key", "unknown key %s; the only key here is %s", quote(key.Value), legal[0])
		return
	case hint == "":
		d.add(d.pos(key), "unknown-key", "unknown key %s; the keys here are %s", quote(key.Value), strings.Join(legal, ", "))
		return
	}
	d.mistakes.AddHint(d.pos(key), "unknown-key", hint, "unknown key %s", quote(key.Value))
	if at.keys[hint] == nil {
		at.child(hint).broken = true
	}
}

// field is one key of a struct.
type field struct {
	key   string
	value reflect.Value
	added bool // a list that others are added to: it may be empty
}

// fieldsOf gives the fields of a struct that have a key, those of embedded
// structs among them.
func fieldsOf(v reflect.Value) (fields []field) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch tag := f.Tag.Get("yaml"); tag {
		case "", "-":
		case ",inline":
			fields = append(fields, fieldsOf(v.Field(i))...)
		default:
			fields = append(fields, field{tag, v.Field(i), f.Tag.Get("list") == "added"})
		}
	}
	return fields
}

// pair is one key of a mapping with its value, neither an alias.
type pair struct {
	key, value *yaml.Node
	again      bool // a duplicate, already reported: to be checked, not to be used
}

// pairs gives the keys of a mapping, then those that merge keys (<<) bring in.
// https://yaml.org/type/merge.html
func (d *decoder) pairs(n *yaml.Node) (pairs []pair) {
	var merged []pair
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		p := pair{key: resolve(n.Content[i]), value: resolve(n.Content[i+1])}
		if p.key.Kind != yaml.ScalarNode || isNull(p.key) {
			d.add(d.pos(p.key), "wrong-type", "a key must be a string, found %s", found(p.key))
			continue
		}
		name := p.key.Value
		if p.key != n.Content[i] { // report a key at the alias, not at its anchor
			p.key = &yaml.Node{Kind: yaml.ScalarNode, Tag: p.key.Tag, Value: name, Line: n.Content[i].Line, Column: n.Content[i].Column}
		}
		if before := first[name]; before != nil {
			d.add(d.pos(p.key), "duplicate-key", "duplicate key %s, first at line %d", quote(name), before.Line)
			p.again = true
		} else {
			first[name] = p.key
		}
		switch {
		case p.key.Tag != "!!merge":
			pairs = append(pairs, p)
		case !p.again:
			merged = d.merged(p)
		}
	}
	for _, p := range merged {
		if name := p.key.Value; first[name] == nil {
			first[name] = p.key
			pairs = append(pairs, p)
		}
	}
	return pairs
}

// merged gives what a merge key brings in, the most important first.
func (d *decoder) merged(merge pair) (pairs []pair) {
	sources := []*yaml.Node{merge.value}
	if merge.value.Kind == yaml.SequenceNode {
		sources = merge.value.Content
	}
	for _, s := range sources {
		if s = resolve(s); s.Kind != yaml.MappingNode {
			d.add(d.pos(merge.key), "wrong-type", "<< takes a mapping or a list of mappings, found %s", found(s))
			continue
		}
		pairs = append(pairs, d.pairs(s)...)
	}
	return pairs
}
