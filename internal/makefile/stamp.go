package makefile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// Variables that hold what templates of a spec name.
const (
	varVersion  = "VERSION"
	varRevision = "REVISION"
	varShort    = "SHORT_REVISION"
	varSource   = "SOURCE"
	varDate     = "DATE"
	varDirty    = "DIRTY"
	argPrefix   = "ARG_"
)

// variable is one that texts hold.
type variable struct {
	name   string
	ldflag bool // it is in flags of the linker, which go parts at quotes
}

// probe is a set of values. A text is a template where, for every probe, it is what is left when
// the values are filled in.
type probe struct {
	version, revision, source, epoch string
	arg                              func(name string) string
	dirty                            bool
}

func (p probe) request(req plan.Request, names []string) plan.Request {
	req.Version, req.Revision, req.Source, req.Epoch = p.version, p.revision, p.source, p.epoch
	if p.dirty {
		req.Revision += "-dirty"
	}
	req.Args = maps.Clone(req.Args)
	if req.Args == nil {
		req.Args = map[string]string{}
	}
	for _, name := range names {
		req.Args[name] = p.arg(name)
	}
	return req
}

// values are those of the variables, by their names.
func (p probe) values(names []string) map[string]string {
	seconds, _ := strconv.ParseInt(p.epoch, 10, 64) // "" is 0
	short := p.revision[:min(12, len(p.revision))]
	out := map[string]string{
		varVersion: cmp.Or(p.version, short, "devel"), varRevision: p.revision, varShort: short, varSource: p.source,
		varDate: time.Unix(seconds, 0).UTC().Format(time.RFC3339),
	}
	for _, name := range names {
		out[argPrefix+name] = p.arg(name)
	}
	return out
}

// probes gives the values that stand for themselves in texts, then those that texts are tried
// with. The space in a value makes the plan quote the word that it is in.
func probes(s *spec.Spec, req plan.Request, names []string) (marks probe, trials []probe) {
	numbered := func(format string) func(string) string {
		return func(name string) string { return fmt.Sprintf(format, slices.Index(names, name)) }
	}
	marks = probe{
		version: "xbuild version", revision: "0f1e2 3c4b5a69788796a5b4c3d2e1f00f1e2d3c", source: "xbuild source",
		epoch: "4102444799", arg: numbered("xbuild argument %d."),
	}
	other := probe{
		version: "V 7", revision: "b a9876543210fedcba9876543210fedcba9876543210fedcba9876543210", source: "git@x y",
		epoch: "86399", arg: numbered("%d /Z z"),
	}
	dirty := other
	dirty.dirty = true
	none := probe{arg: func(string) string { return "" }}
	defaults := probe{version: req.Version, epoch: req.Epoch, arg: func(name string) string { return argDefault(s, req, name) }}
	return marks, []probe{other, dirty, none, defaults}
}

func argDefault(s *spec.Spec, req plan.Request, name string) string {
	if v, ok := req.Args[name]; ok {
		return v
	}
	return s.Args[name]
}

// templates gives the work of a request with texts in which values are to be filled in, and the
// variables that are in those.
func templates(s *spec.Spec, facts *scan.Facts, req plan.Request) (work, []variable, error) {
	names := slices.Sorted(maps.Keys(s.Args))
	if _, err := planned(s, facts, req); err != nil {
		return work{}, nil, err
	}
	if err := checkTemplates(s).Err(); err != nil {
		return work{}, nil, err
	}
	bare := *s
	bare.Dist.Archive, bare.Go.Image = "none", "" // what is compiled depends on neither
	marks, trials := probes(s, req, names)
	clean, err := planned(&bare, facts, marks.request(req, names))
	if err != nil {
		return work{}, nil, err
	}
	marks.dirty = true
	dirty, err := planned(&bare, facts, marks.request(req, names))
	if err != nil {
		return work{}, nil, err
	}
	if err := mark(clean, dirty, marks.values(names)); err != nil {
		return work{}, nil, err
	}
	for _, trial := range trials {
		got, err := planned(&bare, facts, trial.request(req, names))
		if err != nil {
			return work{}, nil, err
		}
		if err := same(clean, got, trial.values(names), trial.dirty); err != nil {
			return work{}, nil, err
		}
	}
	vars, err := used(s, req, clean)
	return clean, vars, err
}

// refused is the error about a text that is no template of values.
func refused(o owned) error {
	var errs diag.List
	errs.Add(o.pos, "no-make-text", "%s: a Makefile can't say %q for every value", o.owner, o.text.String())
	return errs.Err()
}

// mark finds the marks in the texts of clean; dirty is the same work of a source that differs
// from its revision.
func mark(clean, dirty work, marks map[string]string) error {
	others := dirty.texts()
	for i, o := range clean.texts() {
		if i >= len(others) {
			return refused(o)
		}
		t := text{clean: split(o.text.String(), marks), dirty: split(others[i].text.String(), marks)}
		if slices.Equal(t.clean, t.dirty) {
			t.dirty = nil
		}
		*o.text = t
	}
	return nil
}

// split parts a text at the marks. Of two that fit it takes the longer one.
func split(s string, marks map[string]string) (out []piece) {
	names := slices.SortedFunc(maps.Keys(marks), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(marks[b]), len(marks[a])), cmp.Compare(a, b))
	})
	start := 0
	for i := 0; i < len(s); {
		n := slices.IndexFunc(names, func(name string) bool { return strings.HasPrefix(s[i:], marks[name]) })
		if n < 0 {
			i++
			continue
		}
		out = append(out, piece{s[start:i], names[n]})
		i += len(marks[names[n]])
		start = i
	}
	if start < len(s) || len(out) == 0 {
		out = append(out, piece{literal: s[start:]})
	}
	return out
}

// same reports an error unless the texts of want, with values filled in, are those of got.
func same(want, got work, values map[string]string, dirty bool) error {
	others := got.texts()
	for i, o := range want.texts() {
		if i >= len(others) || fill(o.text.pieces(dirty), values) != unquoted(others[i].text.String()) {
			return refused(o)
		}
	}
	return nil
}

func fill(list []piece, values map[string]string) string {
	var out strings.Builder
	for _, p := range list {
		out.WriteString(p.literal)
		out.WriteString(values[p.variable])
	}
	return unquoted(out.String())
}

// unquoted is a text without its quotes: they are there or not as the value in them has it.
func unquoted(s string) string { return strings.NewReplacer(`'`, "", `"`, "").Replace(s) }

// used are the variables in texts. A default that the go command can't take is an error.
func used(s *spec.Spec, req plan.Request, w work) ([]variable, error) {
	found := map[string]variable{}
	for _, o := range w.texts() {
		if o.text.dirty != nil {
			found[varDirty] = variable{name: varDirty}
		}
		for _, p := range slices.Concat(o.text.clean, o.text.dirty) {
			if p.variable != "" {
				ldflag := strings.HasPrefix(o.text.clean[0].literal, "-ldflags=")
				found[p.variable] = variable{name: p.variable, ldflag: ldflag || found[p.variable].ldflag}
			}
		}
	}
	if short, ok := found[varShort]; ok { // is made of it
		found[varRevision] = variable{name: varRevision, ldflag: short.ldflag || found[varRevision].ldflag}
	}
	var out []variable
	var errs diag.List
	for _, name := range slices.Sorted(maps.Keys(found)) {
		v := found[name]
		out = append(out, v)
		text := ""
		if arg, ok := strings.CutPrefix(name, argPrefix); ok {
			text = argDefault(s, req, arg)
		} else if name == varVersion {
			text = req.Version
		}
		pos := s.Pos("args", strings.TrimPrefix(name, argPrefix))
		switch {
		case v.ldflag && strings.ContainsAny(text, `'"`):
			errs.Add(pos, "no-make-text", "the Makefile takes no quotes in %s, which is in ldflags: %q", name, text)
		case literal(text).hasBreak():
			errs.Add(pos, "no-make-text", "a line break in %s can't be said in a Makefile: %q", name, text)
		}
	}
	return out, errs.Err()
}
