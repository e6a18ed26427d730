package makefile

import (
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// binary is what go build makes for a platform, and the files in dist that come of it.
type binary struct {
	name     string
	platform ocispecs.Platform
	dir      text   // where go build runs, below the context
	pkg      string // what it builds
	made     string // how go build names the result
	library  bool   // it is no program, and go build makes it alone
	profile  bool   // what it imports is compiled by its profile
	cc       *plan.CC
	files    []file
	flags    []text
	env      []text // KEY=value
	pos      diag.Pos
}

// file is a file in dist.
type file struct {
	name string // shop-linux-arm64
	from string // name of what go build makes: shop
}

// binaries are those of a plan of the target dist that makes no archives.
func binaries(p *plan.Plan, facts *scan.Facts) (out []binary) {
	type source struct {
		step plan.StepID
		name string
	}
	index := map[source]int{}
	for _, s := range p.Steps {
		dist, ok := s.(plan.Dist)
		if !ok {
			continue
		}
		for _, d := range dist.Binaries {
			// The suffix of what is made is that of the file: .exe, .h
			key := source{d.From, strings.TrimSuffix(d.Name, path.Ext(d.Src))}
			i, seen := index[key]
			if !seen {
				i, index[key] = len(out), len(out)
				out = append(out, compiled(p, facts, d.From))
			}
			b := &out[i]
			from := d.Src
			if !b.library {
				from = b.made
			}
			b.files = append(b.files, file{d.Name, from})
		}
	}
	return out
}

// compiled reads a Compile or a Link.
func compiled(p *plan.Plan, facts *scan.Facts, id plan.StepID) binary {
	var c plan.Compile
	switch s := p.Steps[id].(type) {
	case plan.Compile:
		c = s
	case plan.Link:
		c = s.Compile
	}
	deps := p.Steps[c.Deps].(plan.Deps)
	b := binary{
		name: c.Binary, platform: c.Platform, dir: literal(c.Dir), pkg: c.Package, pos: c.Pos, profile: deps.Profile != "",
		flags: literals(c.Flags), env: literals(append(slices.Clone(c.Env), fetching(deps)...)),
		made: programName(importPath(facts, c.Dir, c.Package)) + exeSuffix(c.Platform),
	}
	for _, mode := range []string{"c-archive", "c-shared", "plugin"} {
		b.library = b.library || slices.Contains(c.Flags, "-buildmode="+mode)
	}
	if b.library {
		b.made = c.Output
	}
	if c.Toolchain != plan.NoStep {
		if cc, ok := p.Steps[c.Toolchain].(plan.CC); ok {
			b.cc = &cc
		}
	}
	return b
}

// fetching is what the spec says of where modules come from.
func fetching(d plan.Deps) []string {
	return slices.DeleteFunc(slices.Clone(d.Env), func(kv string) bool {
		key, _, _ := strings.Cut(kv, "=")
		return !slices.Contains(machineEnv, key) || !d.Download
	})
}

// machineEnv says where caches and modules are. What of it the spec does not say is the machine's.
var machineEnv = []string{
	"GOAUTH", "GOCACHE", "GOINSECURE", "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOVCS",
}

func importPath(facts *scan.Facts, dir, pkg string) string {
	dir = path.Join(dir, pkg)
	module := facts.ModuleOf(dir)
	for _, m := range facts.Modules {
		if m.Dir == module {
			return path.Join(m.Path, strings.TrimPrefix(strings.TrimPrefix(dir, module), "/"))
		}
	}
	return dir
}

// programName is how go build names a program that it writes to a directory: the last
// element of the import path that is no major version.
func programName(importPath string) string {
	dir, name := path.Split(importPath)
	if isMajor(name) && dir != "" {
		return path.Base(dir)
	}
	return name
}

// isMajor reports whether an element of a path is a major version, from v2 on.
func isMajor(s string) bool {
	digits, ok := strings.CutPrefix(s, "v")
	return ok && digits != "" && digits != "1" && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

func exeSuffix(p ocispecs.Platform) string {
	if p.OS == "windows" {
		return ".exe"
	}
	return ""
}

// check reports what is no target of make, and no package of go.
func (m *emitter) check() {
	seen := map[string]bool{}
	for _, b := range m.work.binaries {
		for _, f := range b.files {
			if !isPlain(f.name) {
				m.errs.Add(b.pos, "no-make-target", "binary %q: make has no target %q; name the binary under binaries: with letters, digits, ., _ and -", b.name, "dist/"+f.name)
			}
			if seen[f.name] {
				m.errs.Add(b.pos, "no-make-target", "binary %q: another one is dist/%s too", b.name, f.name)
			}
			seen[f.name] = true
		}
		if !isPlain(strings.ReplaceAll(b.pkg, "/", ".")) {
			m.errs.Add(b.pos, "no-make-target", "binary %q: go takes no package %q", b.name, b.pkg)
		}
	}
	m.checkCompilers()
	for _, o := range m.work.texts() {
		if o.hasBreak() {
			m.errs.Add(o.pos, "no-make-text", "%s: a line break in %q can't be said in a Makefile", o.owner, o.String())
		}
	}
}

// checkCompilers reports binaries of a platform that name different C compilers: a variable
// holds one.
func (m *emitter) checkCompilers() {
	first := map[string]string{}
	for _, b := range m.work.binaries {
		if !b.needsCC() || b.cc.CC == "" {
			continue
		}
		name, lines := ccVariable("CC", b.platform), b.compilers()
		if other, ok := first[name]; ok && other != lines {
			m.errs.Add(b.cc.Pos, "no-make-text", "binary %q: %s holds one C compiler, and another binary names another", b.name, name)
		}
		first[name] = lines
	}
}

// warn says what the spec says and a host build leaves out.
func (m *emitter) warn() {
	add := func(pos diag.Pos, format string, args ...any) {
		m.warnings.Add(pos, "host-build", format, args...)
	}
	if v := m.spec.Go.Version; v != "" {
		add(m.spec.Pos("go", "version"), "the Makefile compiles with the machine's own Go, whichever it is, not with %s", v)
	}
	if v := m.spec.Go.Image; v != "" {
		add(m.spec.Pos("go", "image"), "the Makefile compiles with the machine's own Go, not with %s", v)
	}
	if a := m.spec.Dist.Archive; a != "" && a != "none" {
		add(m.spec.Pos("dist", "archive"), "the Makefile makes bare binaries, no archives")
	}
	for _, h := range plan.PrivateHosts(m.spec) {
		add(h.Pos, "the machine's own logins fetch %s", h.Prefix)
	}
	said := map[string]bool{}
	for _, b := range m.work.binaries {
		if b.cc == nil || said[b.name] {
			continue
		}
		said[b.name] = true
		add(b.cc.Pos, "binary %q is compiled by the machine's own C compiler for its own platform, for others by those that variables name", b.name)
		if list := slices.Concat(b.cc.Packages, b.cc.Libs); len(list) > 0 {
			add(b.cc.Pos, "binary %q needs %s, which the machine must have", b.name, strings.Join(list, ", "))
		}
	}
}
