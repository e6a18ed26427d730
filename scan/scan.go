// Package scan says what Go source tells that the spec does not: the modules,
// the main packages, what is embedded, which toolchain is wanted. It reads
// *.go, go.mod, go.work and vendor/modules.txt below one directory, runs no
// command and needs neither a toolchain nor a module cache.
package scan

import (
	"errors"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// Request is what the facts depend on besides the source.
type Request struct {
	Targets []Target `json:"targets"`
	Tags    []string `json:"tags,omitempty"`
}

// Target is one platform that main packages are looked for on, in Go's words.
type Target struct {
	GOOS   string `json:"goos"`
	GOARCH string `json:"goarch"`
	CGo    bool   `json:"cgo,omitempty"`
}

func (t Target) String() string { return t.GOOS + "/" + t.GOARCH }

// Facts is the result of a scan. Paths are slash-separated and relative to the
// scanned directory, "." being that directory; every list is sorted.
type Facts struct {
	// Work is set when the directory holds a go.work.
	Work *Work `json:"work,omitempty"`
	// Modules are all modules found, whether the workspace uses them or not.
	Modules []Module `json:"modules,omitempty"`
	// Mains are the directories that hold a main package for some target.
	Mains []Main `json:"mains,omitempty"`
	// Packages are the other directories that hold a package.
	Packages []string `json:"packages,omitempty"`
	// Embeds are the patterns of //go:embed lines below the scanned directory; a
	// pattern that names a directory means all that is in it.
	Embeds []string `json:"embeds,omitempty"`
	// Problems are the go.mod and go.work files that could not be read, as
	// "file:line: what".
	Problems []string `json:"problems,omitempty"`
}

// Work is a go.work file.
type Work struct {
	Go        string   `json:"go,omitempty"`
	Toolchain string   `json:"toolchain,omitempty"`
	Use       []string `json:"use,omitempty"`
	Vendor    bool     `json:"vendor,omitempty"`
}

// Module is a directory with a go.mod.
type Module struct {
	Dir       string `json:"dir"`
	Path      string `json:"path"`
	Go        string `json:"go,omitempty"`        // the go line: 1.26 or 1.26.3
	Toolchain string `json:"toolchain,omitempty"` // the toolchain line: go1.26.3
	Requires  bool   `json:"requires,omitempty"`  // it requires some module
	Vendor    bool   `json:"vendor,omitempty"`    // vendor/modules.txt is there
}

// Main is a directory that holds a main package.
type Main struct {
	Dir     string   `json:"dir"`
	Module  string   `json:"module"`            // Dir of the module that it belongs to
	Targets []string `json:"targets,omitempty"` // goos/goarch of the request that it builds for
}

// Dir scans the directory root. Source that does not parse is no error: the
// compiler will say it better. A root that cannot be read is one.
func Dir(root string, req Request) (*Facts, error) {
	s := &scanner{root: root, req: req, embeds: map[string]bool{}, facts: &Facts{}}
	if err := filepath.WalkDir(root, s.visit); err != nil {
		return nil, err
	}
	s.work()
	s.assign()
	s.facts.Embeds = slices.Sorted(maps.Keys(s.embeds))
	return s.facts, nil
}

type scanner struct {
	root   string
	req    Request
	embeds map[string]bool
	ignore []string // patterns of the ignore lines of every go.mod met so far
	facts  *Facts
}

// visit looks at one directory, as the pattern ./... of the go command does:
// testdata, vendor, names that begin with _ or . and what go.mod ignores are passed over.
func (s *scanner) visit(name string, d fs.DirEntry, err error) error {
	if err != nil || !d.IsDir() {
		return err
	}
	dir, err := filepath.Rel(s.root, name)
	if err != nil {
		return err
	}
	dir = filepath.ToSlash(dir)
	base := path.Base(dir)
	if dir != "." && (base == "testdata" || base == "vendor" || base[0] == '_' || base[0] == '.' || s.ignored(dir)) {
		return filepath.SkipDir
	}
	s.module(dir)
	return s.pkg(dir)
}

func (s *scanner) file(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

func (s *scanner) exists(elem ...string) bool {
	_, err := os.Stat(s.file(elem...))
	return err == nil
}

func (s *scanner) module(dir string) {
	data, err := os.ReadFile(s.file(dir, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	m := Module{Dir: dir, Vendor: s.exists(dir, "vendor", "modules.txt")}
	// ParseLax also takes a go.mod of a newer Go; the toolchain judges the rest.
	f, err := modfile.ParseLax(path.Join(dir, "go.mod"), data, nil)
	switch {
	case err != nil:
		s.facts.Problems = append(s.facts.Problems, problems(err)...)
	case f.Module == nil:
		s.facts.Problems = append(s.facts.Problems, path.Join(dir, "go.mod")+": no module line")
	default:
		m.Path, m.Requires = f.Module.Mod.Path, len(f.Require) > 0
		if f.Go != nil {
			m.Go = f.Go.Version
		}
		m.Toolchain = toolchain(f.Toolchain)
		for _, i := range f.Ignore {
			s.ignore = append(s.ignore, ignorePattern(dir, i.Path))
		}
	}
	s.facts.Modules = append(s.facts.Modules, m)
}

// ignorePattern makes one string of an ignore line and the module's directory: a path
// that begins with ./ is relative to the module, any other may stand at any depth.
// https://go.dev/ref/mod#go-mod-file-ignore
func ignorePattern(module, line string) string {
	if rest, ok := strings.CutPrefix(line, "./"); ok {
		return path.Join(module, rest)
	}
	return path.Join(module, "**", line)
}

func (s *scanner) ignored(dir string) bool {
	return slices.ContainsFunc(s.ignore, func(pattern string) bool {
		module, name, anywhere := strings.Cut(pattern, "**/")
		if !anywhere {
			return dir == pattern
		}
		return strings.HasPrefix(dir+"/", module) && strings.HasSuffix("/"+dir, "/"+name)
	})
}

func (s *scanner) work() {
	data, err := os.ReadFile(s.file("go.work"))
	if err != nil {
		return
	}
	w := &Work{Vendor: s.exists("vendor", "modules.txt")}
	s.facts.Work = w
	f, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		s.facts.Problems = append(s.facts.Problems, problems(err)...)
		return
	}
	if f.Go != nil {
		w.Go = f.Go.Version
	}
	w.Toolchain = toolchain(f.Toolchain)
	for _, u := range f.Use {
		w.Use = append(w.Use, path.Clean(u.Path))
	}
	slices.Sort(w.Use)
}

func problems(err error) []string {
	var list modfile.ErrorList
	if !errors.As(err, &list) {
		return []string{err.Error()}
	}
	var out []string
	for _, e := range list {
		out = append(out, e.Error())
	}
	return out
}

// toolchain gives the version that a toolchain line asks for; `default` asks for
// none. https://go.dev/doc/toolchain
func toolchain(t *modfile.Toolchain) string {
	if t == nil || t.Name == "default" {
		return ""
	}
	return t.Name
}

// pkg records the package in dir, if there is one.
func (s *scanner) pkg(dir string) error {
	entries, err := os.ReadDir(s.file(dir))
	if err != nil {
		return err
	}
	found, main := false, false
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || e.IsDir() {
			continue
		}
		found = true
		f, err := parser.ParseFile(token.NewFileSet(), s.file(dir, name), nil, parser.PackageClauseOnly)
		main = main || err == nil && f.Name.Name == "main"
	}
	if !found {
		return nil
	}
	s.embedded(dir)
	var targets []string
	for _, t := range s.req.Targets {
		if main && s.isMain(dir, t) {
			targets = append(targets, t.String())
		}
	}
	if len(targets) == 0 {
		s.facts.Packages = append(s.facts.Packages, dir)
		return nil
	}
	s.facts.Mains = append(s.facts.Mains, Main{Dir: dir, Targets: slices.Compact(targets)})
	return nil
}

// embedded records the embed patterns of every file in dir, whatever its build
// constraints: one too many costs a transfer, one too few breaks the build.
func (s *scanner) embedded(dir string) {
	ctx := build.Default
	ctx.UseAllFiles = true
	p, _ := ctx.ImportDir(s.file(dir), 0)
	if p == nil {
		return
	}
	for _, pattern := range p.EmbedPatterns {
		s.embeds[path.Join(dir, strings.TrimPrefix(pattern, "all:"))] = true
	}
}

func (s *scanner) isMain(dir string, t Target) bool {
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled, ctx.BuildTags = t.GOOS, t.GOARCH, t.CGo, s.req.Tags
	p, err := ctx.ImportDir(s.file(dir), 0)
	return p != nil && p.Name == "main" && !isNoGo(err)
}

func isNoGo(err error) bool {
	var noGo *build.NoGoError
	return errors.As(err, &noGo)
}

// assign gives every main package the nearest module above it; one that is in
// no module cannot be built and is dropped.
func (s *scanner) assign() {
	slices.SortFunc(s.facts.Modules, func(a, b Module) int { return strings.Compare(a.Dir, b.Dir) })
	for i := range s.facts.Mains {
		m := &s.facts.Mains[i]
		m.Module = s.facts.ModuleOf(m.Dir)
	}
	s.facts.Mains = slices.DeleteFunc(s.facts.Mains, func(m Main) bool { return m.Module == "" })
	slices.SortFunc(s.facts.Mains, func(a, b Main) int { return strings.Compare(a.Dir, b.Dir) })
	slices.Sort(s.facts.Packages)
}

// ModuleOf gives the Dir of the module that the directory dir belongs to, "" when
// no module is above it.
func (f *Facts) ModuleOf(dir string) string {
	for ; ; dir = path.Dir(dir) {
		if slices.ContainsFunc(f.Modules, func(m Module) bool { return m.Dir == dir }) {
			return dir
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}
