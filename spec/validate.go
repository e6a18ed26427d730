package spec

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/containerd/platforms"

	"github.com/acme/xbuild/internal/diag"
)

// Validate reports as a [diag.List] every mistake that the spec alone can show.
// What depends on the source, as whether a main package exists, is the plan's to
// judge. For a spec built in Go the messages begin with the path of the value:
// images.shop.ports[0].
func (s *Spec) Validate() error { return tidy(s.validate()) }

func (s *Spec) validate() diag.List {
	v := &validator{Spec: s}
	v.name()
	v.platforms()
	v.defaultImage()
	v.goTool()
	v.args()
	v.binaries()
	v.images()
	v.targets()
	v.dist()
	v.test()
	v.checks()
	v.cache()
	return v.mistakes
}

// keyPath leads to a value, as in [Spec.Pos].
type keyPath []any

// to gives the path that goes on from p.
func (p keyPath) to(elems ...any) keyPath { return append(p[:len(p):len(p)], elems...) }

func (p keyPath) String() string {
	var b strings.Builder
	for i, elem := range p {
		switch elem := elem.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", elem)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			if key := fmt.Sprint(elem); plainScalar.MatchString(key) {
				b.WriteString(key)
			} else {
				b.WriteString(quote(key))
			}
		}
	}
	return b.String()
}

// validator collects mistakes. What could not be decoded is not judged again.
type validator struct {
	*Spec
	mistakes diag.List
}

// value reports a mistake at the value that p leads to.
func (v *validator) value(p keyPath, rule, hint, format string, args ...any) {
	v.report(p, v.Pos(p...), rule, hint, fmt.Sprintf(format, args...))
}

// key reports a mistake at the key that p leads to.
func (v *validator) key(p keyPath, rule, hint, format string, args ...any) {
	v.report(p, v.KeyPos(p...), rule, hint, fmt.Sprintf(format, args...))
}

// broken reports whether the value that p leads to could not be decoded.
func (v *validator) broken(p keyPath) bool {
	_, broken := v.places.find(p)
	return broken
}

func (v *validator) report(p keyPath, pos diag.Pos, rule, hint, msg string) {
	if v.broken(p) {
		return
	}
	if len(hint) > maxHint {
		hint = ""
	}
	if !pos.IsValid() {
		msg = fmt.Sprintf("%s: %s", p, msg)
	}
	v.mistakes.AddHint(pos, rule, hint, "%s", msg)
}

// each gives the keys and values of m in the order of the keys.
func each[T any](m map[string]T) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

// oneOf gives s as a hint when it is legal.
func oneOf(s string, legal func(string) bool) string {
	if legal(s) {
		return s
	}
	return ""
}

var (
	nameRE       = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	binaryNameRE = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

const (
	nameForm       = "lower-case letters, digits, ., _ and -, at most 64, first a letter or digit"
	binaryNameForm = "letters, digits, ., _ and -, at most 64, first a letter or digit"
)

// lowered gives the lower-case form of a name as a hint when that is a name.
func lowered(name string) string { return oneOf(strings.ToLower(name), nameRE.MatchString) }

func (v *validator) name() {
	if v.Name != "" && !nameRE.MatchString(v.Name) {
		v.value(keyPath{"name"}, "bad-name", lowered(v.Name), "%s is not a name: %s", quote(v.Name), nameForm)
	}
}

func (v *validator) platforms() {
	first := map[string]string{}
	for i, s := range v.Platforms {
		at := keyPath{"platforms", i}
		p, msg, hint := parsePlatform(s)
		if msg != "" {
			v.value(at, "bad-platform", hint, "%s", msg)
			continue
		}
		name := platforms.Format(p)
		switch before, ok := first[name]; {
		case !ok:
			first[name] = s
		case before == s:
			v.value(at, "duplicate-platform", "", "platform %s is listed twice", quote(s))
		default:
			v.value(at, "duplicate-platform", "", "platform %s is the same as %s", quote(s), quote(before))
		}
	}
}

func (v *validator) defaultImage() {
	at := keyPath{"default"}
	var names []string
	switch {
	case v.Default == "" || v.broken(keyPath{"images"}) || v.broken(keyPath{"binaries"}):
		return
	case len(v.Images) > 0:
		names = slices.Sorted(maps.Keys(v.Images))
	case len(v.Binaries) > 0: // an image for each
		names = slices.Sorted(maps.Keys(v.Binaries))
	case !nameRE.MatchString(v.Default):
		v.value(at, "bad-name", lowered(v.Default), "%s is not an image's name: %s", quote(v.Default), nameForm)
		return
	default:
		return
	}
	if !slices.Contains(names, v.Default) {
		v.value(at, "unknown-image", diag.Nearest(v.Default, names), "there is no image %s", quote(v.Default))
	}
}
