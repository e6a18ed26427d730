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
}

// Target is one way to build: which main packages there are depends on it.
type Target struct {
	GOOS   string   `json:"goos"`
	GOARCH string   `json:"goarch"`
	CGo    bool     `json:"cgo,omitempty"`
	Tags   []string `json:"tags,omitempty"`
}

// String gives a text that only equal targets share: `linux/amd64 cgo -tags=a,b`.
func (t Target) String() string {
	s := t.GOOS + "/" + t.GOARCH
	if t.CGo {
		s += " cgo"
	}
	if len(t.Tags) > 0 {
		s += " -tags=" + strings.Join(t.Tags, ",")
	}
	return s
}

// Facts is the result of a scan. Paths are slash-separated and relative to the
// scanned directory, "." being that directory; every list is sorted, but for targets,
// which have the order of the request, and problems, which have that of the file.
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
}

// Work is a go.work file.
type Work struct {
	Go        string   `json:"go,omitempty"`
	Toolchain string   `json:"toolchain,omitempty"`
	Use       []string `json:"use,omitempty"`
	Vendor    bool     `json:"vendor,omitempty"`   // vendor/modules.txt is there, and the workspace's
	Problems  []string `json:"problems,omitempty"` // why it can't be read, as "file:line: what"
	// Outside are the modules that it replaces by directories that are not in the tree.
	Outside []Outside `json:"outside,omitempty"`
}

// Outside is a module that is replaced by a directory outside of the scanned one.
type Outside struct {
	Path string `json:"path"` // of the module: example.com/lib
	Dir  string `json:"dir"`  // relative to the scanned directory, it begins with ..
}

// Module is a directory with a go.mod.
type Module struct {
	Dir       string   `json:"dir"`
	Path      string   `json:"path"`                // "" when go.mod can't be read
	Go        string   `json:"go,omitempty"`        // the go line: 1.26 or 1.26.3
	Toolchain string   `json:"toolchain,omitempty"` // the toolchain line: go1.26.3
	Requires  bool     `json:"requires,omitempty"`  // it requires some module
	Vendor    bool     `json:"vendor,omitempty"`    // vendor/modules.txt is there, and not a workspace's
	Problems  []string `json:"problems,omitempty"`  // why go.mod can't be read, as "file:line: what"
	// Outside are the modules that it replaces by directories that are not in the tree.
	Outside []Outside `json:"outside,omitempty"`
}

// Main is a directory that holds a main package.
type Main struct {
	Dir     string   `json:"dir"`
	Module  string   `json:"module"`            // Dir of the module that it belongs to
	Targets []string `json:"targets,omitempty"` // those of the request that it builds for; empty: all
	Profile bool     `json:"profile,omitempty"` // it holds a default.pgo
	Kodata  bool     `json:"kodata,omitempty"`  // it holds a folder kodata
}

// Dir scans the directory root. Source that does not parse is no error: the
// compiler will say it better. A root that is no directory or cannot be read is one.
// Symbolic links to directories are not followed, but root may be one.
func Dir(root string, req Request) (*Facts, error) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	if _, err := os.ReadDir(root); err != nil {
		return nil, err
	}
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
	ignore []ignore // the ignore lines of every go.mod met so far
	facts  *Facts
}

// Skips reports whether directories of that name are passed over, as by the pattern
// ./... of the go command.
func Skips(name string) bool {
	return name == "testdata" || name == "vendor" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
}

// visit looks at one directory, if it is not to be passed over or ignored by a go.mod.
func (s *scanner) visit(name string, d fs.DirEntry, err error) error {
	if err != nil || !d.IsDir() {
		return err
	}
	dir, err := filepath.Rel(s.root, name)
	if err != nil {
		return err
	}
	dir = filepath.ToSlash(dir)
	if dir != "." && (Skips(path.Base(dir)) || s.ignored(dir)) {
		return filepath.SkipDir
	}
	s.module(dir)
	return s.pkg(dir)
}

func (s *scanner) file(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// read is os.ReadFile, but a directory is as good as nothing, as for the go command.
func (s *scanner) read(elem ...string) ([]byte, error) {
	name := s.file(elem...)
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fs.ErrNotExist
	}
	return os.ReadFile(name)
}

func (s *scanner) module(dir string) {
	data, err := s.read(dir, "go.mod")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	name := path.Join(dir, "go.mod")
	m := Module{Dir: dir, Vendor: s.vendor(dir) == vendorModule}
	// ParseLax also takes a go.mod of a newer Go; the toolchain judges the rest.
	var f *modfile.File
	if err == nil {
		f, err = modfile.ParseLax(name, data, nil)
	}
	switch {
	case err != nil:
		m.Problems = problems(err)
	case f.Module == nil:
		m.Problems = []string{name + ": no module line"}
	default:
		m.Path, m.Requires = f.Module.Mod.Path, len(f.Require) > 0
		if f.Go != nil {
			m.Go = f.Go.Version
		}
		m.Toolchain = toolchain(f.Syntax)
		m.Outside = outside(dir, f.Syntax)
		for _, i := range f.Ignore {
			rest, atRoot := strings.CutPrefix(i.Path, "./")
			s.ignore = append(s.ignore, ignore{module: dir, path: path.Clean(rest), anywhere: !atRoot})
		}
	}
	s.facts.Modules = append(s.facts.Modules, m)
}

// outside gives what a go.mod or go.work in dir replaces by directories above the tree.
func outside(dir string, f *modfile.FileSyntax) (out []Outside) {
	for _, r := range directives(f, "replace") {
		arrow := slices.Index(r, "=>")
		if arrow <= 0 || len(r) != arrow+2 || !modfile.IsDirectoryPath(r[arrow+1]) || path.IsAbs(r[arrow+1]) {
			continue
		}
		if to := path.Join(dir, r[arrow+1]); strings.HasPrefix(to, "../") {
			out = append(out, Outside{Path: r[0], Dir: to})
		}
	}
	return out
}

// ignore is an ignore line of a go.mod: a path that begins with ./ is relative to the
// module, any other may stand at any depth. https://go.dev/ref/mod#go-mod-file-ignore
type ignore struct {
	module   string
	path     string
	anywhere bool
}

func (s *scanner) ignored(dir string) bool {
	return slices.ContainsFunc(s.ignore, func(i ignore) bool {
		rel := dir
		if i.module != "." {
			var below bool
			if rel, below = strings.CutPrefix(dir, i.module+"/"); !below {
				return false
			}
		}
		return rel == i.path || i.anywhere && strings.HasSuffix(rel, "/"+i.path)
	})
}

// What vendor/modules.txt was made for.
const (
	vendorNone = iota
	vendorModule
	vendorWork
)

// vendor looks for dir/vendor/modules.txt. The go command uses it only for what it was
// made for. https://go.dev/ref/mod#vendoring
func (s *scanner) vendor(dir string) int {
	data, err := s.read(dir, "vendor", "modules.txt")
	if err != nil {
		return vendorNone
	}
	line, _, _ := strings.Cut(string(data), "\n")
	if notes, ok := strings.CutPrefix(line, "## "); ok {
		for note := range strings.SplitSeq(notes, ";") {
			if strings.TrimSpace(note) == "workspace" {
				return vendorWork
			}
		}
	}
	return vendorModule
}

func (s *scanner) work() {
	data, err := s.read("go.work")
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	w := &Work{Vendor: s.vendor(".") == vendorWork}
	s.facts.Work = w
	var f *modfile.WorkFile
	if err == nil {
		f, err = modfile.ParseWork("go.work", data, nil)
	}
	if err != nil {
		w.Problems = problems(err)
		return
	}
	if f.Go != nil {
		w.Go = f.Go.Version
	}
	w.Toolchain = toolchain(f.Syntax)
	w.Outside = outside(".", f.Syntax)
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

// toolchain gives what the toolchain line asks for; `default` asks for nothing. It is
// read from the syntax since ParseLax drops the line. https://go.dev/doc/toolchain
func toolchain(f *modfile.FileSyntax) string {
	for _, stmt := range f.Stmt {
		l, ok := stmt.(*modfile.Line)
		if ok && len(l.Token) == 2 && l.Token[0] == "toolchain" && l.Token[1] != "default" {
			return l.Token[1]
		}
	}
	return ""
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
		if !isSource(name) || e.IsDir() {
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
		if main && !slices.Contains(targets, t.String()) && s.isMain(dir, t) {
			targets = append(targets, t.String())
		}
	}
	if len(targets) == 0 {
		s.facts.Packages = append(s.facts.Packages, dir)
		return nil
	}
	profile, err := os.Stat(s.file(dir, "default.pgo"))
	m := Main{Dir: dir, Targets: targets, Profile: err == nil && profile.Mode().IsRegular()}
	kodata, err := os.Stat(s.file(dir, "kodata"))
	m.Kodata = err == nil && kodata.IsDir()
	s.facts.Mains = append(s.facts.Mains, m)
	return nil
}

// isSource reports whether a file of that name can be part of a package.
func isSource(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name[0] != '_' && name[0] != '.'
}

// context is go/build's for one target. It takes nothing from this process or its
// machine but the release tags of the Go that it was built with.
func (t Target) context() build.Context {
	return build.Context{
		GOOS: t.GOOS, GOARCH: t.GOARCH, CgoEnabled: t.CGo, BuildTags: t.Tags,
		Compiler: "gc", ReleaseTags: build.Default.ReleaseTags,
	}
}

// embedded records the embed patterns of every file in dir, whatever its build
// constraints: one too many costs a transfer, one too few breaks the build.
func (s *scanner) embedded(dir string) {
	ctx := Target{CGo: true}.context()
	ctx.UseAllFiles = true
	p, _ := ctx.ImportDir(s.file(dir), 0)
	if p == nil {
		return
	}
	for _, pattern := range p.EmbedPatterns {
		// What is not valid for the go command, as ../x, is for it to refuse.
		if pattern = strings.TrimPrefix(pattern, "all:"); fs.ValidPath(pattern) && pattern != "." {
			s.embeds[path.Join(dir, pattern)] = true
		}
	}
}

// isMain reports whether go build would find package main in dir, perhaps with mistakes.
func (s *scanner) isMain(dir string, t Target) bool {
	ctx := t.context()
	p, err := ctx.ImportDir(s.file(dir), 0)
	var noGo *build.NoGoError
	return p != nil && p.Name == "main" && !errors.As(err, &noGo)
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
