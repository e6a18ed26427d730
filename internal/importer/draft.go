package importer

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

// draft is a spec in the making. It is valid at all times.
type draft struct {
	in       Input
	spec     spec.Spec
	notes    []Note
	settings int
	args     map[string]at     // the build args that were declared, and where
	project  string            // name of the project, for templates
	env      map[string]string // what templates may name as .Env, with their values
	parts    atoms             // what stands for variables and commands in a Dockerfile
	hinted   map[string]bool   // the stamps of which was said how they differ
}

// at is a place in the file: a line and the key that stands there.
type at struct {
	line int
	key  string
}

func (p at) sub(format string, args ...any) at {
	return at{p.line, p.key + fmt.Sprintf(format, args...)}
}

func (d *draft) note(p at, kind, format string, args ...any) {
	text := kind + fmt.Sprintf(format, args...)
	d.notes = append(d.notes, Note{Line: p.line, Key: d.parts.restore(p.key), Text: d.parts.restore(text)})
}

// taken says where a setting went, dropped why the spec need not say it, lost why it can't.
func (d *draft) taken(p at, to string)                    { d.note(p, taken, "%s", to) }
func (d *draft) dropped(p at, format string, args ...any) { d.note(p, dropped, format, args...) }
func (d *draft) lost(p at, format string, args ...any)    { d.note(p, notTaken, format, args...) }
func (d *draft) set(p at, to string, f func(*spec.Spec)) bool {
	err := d.try(f)
	if err != nil {
		d.lost(p, "%v", err)
		return false
	}
	d.taken(p, to)
	return true
}

// maxSettings keeps a file of thousands of settings from costing minutes.
const maxSettings = 1500

var errTooMany = errors.New("there are too many settings")

// try changes the spec, unless that makes it invalid: the error is the mistake.
func (d *draft) try(f func(*spec.Spec)) error {
	if d.settings++; d.settings > maxSettings {
		return errTooMany
	}
	next := clone(reflect.ValueOf(&d.spec).Elem()).Interface().(spec.Spec)
	f(&next)
	if err := next.Validate(); err != nil {
		var l diag.List
		if errors.As(err, &l) && len(l) > 0 {
			_, msg, _ := strings.Cut(l[0].Msg, ": ") // the path in the spec, which is not in the file
			if l[0].Hint != "" {
				msg += fmt.Sprintf(" (did you mean %q?)", l[0].Hint)
			}
			return errors.New(msg)
		}
		return err
	}
	d.spec = next
	return nil
}

// clone copies a value with all that it refers to.
func clone(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(clone(v.Elem()))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(clone(v.Field(i)))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
			for i := range v.Len() {
				out.Index(i).Set(clone(v.Index(i)))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMap(v.Type()))
			for _, k := range v.MapKeys() {
				out.SetMapIndex(k, clone(v.MapIndex(k)))
			}
		}
	}
	return out
}

// build is the part of the spec that settings of how binaries are compiled go to.
type build struct {
	name string // of the binary; "" for what all start from
}

func (b build) key(key string) string {
	if b.name == "" {
		return "build." + key
	}
	return "binaries." + b.name + "." + key
}

// in gives a change of the build as one of the spec.
func (b build) in(f func(*spec.Build)) func(*spec.Spec) {
	return func(s *spec.Spec) {
		if b.name == "" {
			f(&s.Build)
			return
		}
		bin := s.Binaries[b.name]
		f(&bin.Build)
		put(&s.Binaries, b.name, bin)
	}
}

// image gives a change of an image as one of the spec.
func image(name string, f func(*spec.Image)) func(*spec.Spec) {
	return func(s *spec.Spec) {
		img := s.Images[name]
		f(&img)
		put(&s.Images, name, img)
	}
}

// put sets an element of a map that may be nil.
func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

// arg declares a build arg, and gives the template that stands for it.
func (d *draft) arg(p at, name, value string) (string, error) {
	if _, ok := d.spec.Args[name]; !ok {
		if err := d.try(func(s *spec.Spec) { put(&s.Args, name, value) }); err != nil {
			return "", err
		}
		put(&d.args, name, p)
	}
	return argTemplate(name), nil
}

func argTemplate(name string) string { return "{{.Args." + name + "}}" }

// pruneArgs takes back the build args that nothing uses, and says which are used.
func (d *draft) pruneArgs() {
	var texts []string
	collect(reflect.ValueOf(&d.spec).Elem(), &texts)
	all := strings.Join(texts, "\n")
	for _, name := range slices.Sorted(maps.Keys(d.args)) {
		if strings.Contains(all, argTemplate(name)) {
			d.taken(d.args[name], "args."+name+", a build arg")
			continue
		}
		delete(d.spec.Args, name)
		d.dropped(d.args[name], "nothing that was taken uses it")
	}
}

// pruneImages leaves out of images what is the default.
func (d *draft) pruneImages() {
	for name, img := range d.spec.Images {
		if len(img.Binaries) == 1 && img.Binaries[0] == (spec.ImageBinary{Name: name}) {
			img.Binaries = nil
			d.spec.Images[name] = img
		}
	}
}

// collect appends every text of a value.
func collect(v reflect.Value, out *[]string) {
	switch v.Kind() {
	case reflect.String:
		*out = append(*out, v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			collect(v.Elem(), out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collect(v.Field(i), out)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collect(v.Index(i), out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			collect(v.MapIndex(k), out)
		}
	}
}
