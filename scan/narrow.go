package scan

import (
	"bytes"
	"fmt"
	"go/build/constraint"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// Build is one binary on one target, whose source is wanted alone. Paths are as in Facts.
type Build struct {
	ID     string   `json:"id"`              // folder of the result
	Main   string   `json:"main"`            // directory of the main package
	Module string   `json:"module"`          // directory of its module
	Work   bool     `json:"work,omitempty"`  // it is built in workspace mode
	Files  []string `json:"files,omitempty"` // further files that the build reads
	Target Target   `json:"target"`
}

// Narrow copies from the directory root, for each build into out/ID, the files that go
// build reads for it: the packages of its own modules and of vendor directories that its
// main package imports, what they embed, go.mod, go.sum and go.work. Paths are kept. Modes
// and times are fixed, so that equal source gives equal trees.
//
// A file is left out only where that is certain: tags that only the toolchain knows, as
// go1.27, goexperiment.x or amd64.v3, are taken to be set and not to be set.
func Narrow(root, out string, builds []Build) error {
	facts, err := Dir(root, Request{})
	if err != nil {
		return err
	}
	n := &narrower{root: root, out: out, facts: facts, first: map[string]string{}}
	n.modules()
	for _, b := range builds {
		if err := n.build(b); err != nil {
			return fmt.Errorf("source of %s: %w", b.ID, err)
		}
	}
	return nil
}

type narrower struct {
	root, out string
	facts     *Facts
	paths     map[string]string   // directory of each own module by path, or by the path it replaces
	replaced  map[string][]string // directories that the module in a directory, or go.work as "", replaces by
	first     map[string]string   // where a file was first copied to, to link to
}

// closure is the source of one build, while it is looked for.
type closure struct {
	*narrower
	Build
	queue []string
	seen  map[string]bool
	files map[string]bool
	c     map[string]bool // modules with assembly or C, which may include headers from anywhere
}

func (n *narrower) modules() {
	n.paths, n.replaced = map[string]string{}, map[string][]string{}
	for _, m := range n.facts.Modules {
		if m.Path != "" {
			n.paths[m.Path] = m.Dir
		}
	}
	for _, m := range n.facts.Modules {
		if data, err := os.ReadFile(n.file(m.Dir, "go.mod")); err == nil {
			if f, err := modfile.Parse("go.mod", data, nil); err == nil {
				n.replace(m.Dir, m.Dir, f.Replace)
			}
		}
	}
	if data, err := os.ReadFile(n.file("go.work")); err == nil {
		if f, err := modfile.ParseWork("go.work", data, nil); err == nil {
			n.replace("", ".", f.Replace)
		}
	}
}

func (n *narrower) replace(by, dir string, list []*modfile.Replace) {
	for _, r := range list {
		if r.New.Version == "" && !path.IsAbs(r.New.Path) {
			to := path.Join(dir, filepath.ToSlash(r.New.Path))
			n.paths[r.Old.Path] = to
			n.replaced[by] = append(n.replaced[by], to)
		}
	}
}

func (n *narrower) file(elem ...string) string {
	return filepath.Join(append([]string{n.root}, elem...)...)
}

func (n *narrower) build(b Build) error {
	c := &closure{narrower: n, Build: b, seen: map[string]bool{}, files: map[string]bool{}, c: map[string]bool{}}
	c.module(b.Module)
	if b.Work {
		c.take("go.work", "go.work.sum")
		for _, dir := range append(n.facts.Work.Use, n.replaced[""]...) {
			c.module(dir)
		}
	}
	for _, dir := range n.replaced[b.Module] {
		c.module(dir)
	}
	c.take(path.Join(c.vendor(), "modules.txt"), path.Join(b.Main, "default.pgo"))
	c.take(b.Files...)
	c.enter(b.Main)
	for len(c.queue) > 0 {
		dir := c.queue[0]
		c.queue = c.queue[1:]
		c.pkg(dir)
	}
	for module := range c.c {
		c.headers(module)
	}
	for name := range c.files {
		if err := n.copy(b.ID, name); err != nil {
			return err
		}
	}
	// The folder is there even where nothing is, for go to say what is missing.
	return os.MkdirAll(filepath.Join(n.out, filepath.FromSlash(b.ID)), 0o755)
}

// vendor is the directory whose packages the build takes instead of downloading modules.
func (c *closure) vendor() string {
	if c.Work {
		return "vendor"
	}
	return path.Join(c.Module, "vendor")
}

func (c *closure) module(dir string) {
	c.take(path.Join(dir, "go.mod"), path.Join(dir, "go.sum"))
}

// take adds the files of those names that there are.
func (c *closure) take(names ...string) {
	for _, name := range names {
		if info, err := os.Stat(c.file(name)); err == nil && info.Mode().IsRegular() {
			c.files[path.Clean(name)] = true
		}
	}
}

func (c *closure) enter(dir string) {
	if !c.seen[dir] {
		c.seen[dir] = true
		c.queue = append(c.queue, dir)
	}
}

// pkg takes the files of the package in dir and enters what it imports.
func (c *closure) pkg(dir string) {
	entries, err := os.ReadDir(c.file(dir))
	if err != nil {
		return // go names the import
	}
	var taken []fs.FileInfo
	for _, e := range entries {
		info, err := os.Stat(c.file(dir, e.Name()))
		if err == nil && info.Mode().IsRegular() && c.reads(dir, e.Name()) {
			taken = append(taken, info)
			c.files[path.Join(dir, e.Name())] = true
			if !isSource(e.Name()) {
				c.c[c.facts.ModuleOf(dir)] = true
			}
		}
	}
	ctx := c.Target.context()
	ctx.UseAllFiles = true // of those taken, which ReadDir gives
	ctx.ReadDir = func(string) ([]fs.FileInfo, error) { return taken, nil }
	p, _ := ctx.ImportDir(c.file(dir), 0)
	if p == nil {
		return
	}
	for _, pattern := range p.EmbedPatterns {
		c.embed(dir, strings.TrimPrefix(pattern, "all:"))
	}
	for _, imp := range p.Imports {
		if to := c.resolve(imp); to != "" {
			c.enter(to)
		}
		if imp == "C" {
			c.c[c.facts.ModuleOf(dir)] = true
		}
	}
}

// resolve gives the directory of an import, "" when it is not in the tree.
func (c *closure) resolve(imp string) string {
	for module := imp; module != "."; module = path.Dir(module) {
		dir, ok := c.paths[module]
		if !ok {
			continue
		}
		to := path.Join(dir, strings.TrimPrefix(imp, module))
		if _, err := os.Stat(c.file(to)); err == nil {
			return to
		}
	}
	to := path.Join(c.vendor(), imp)
	if _, err := os.Stat(c.file(to)); err == nil && fs.ValidPath(to) {
		return to
	}
	return ""
}

// reads reports whether go build may read a file of that name for the target.
func (c *closure) reads(dir, name string) bool {
	if strings.HasSuffix(name, "_test.go") {
		return false
	}
	if c.Target.CGo && slices.Contains([]string{".h", ".hh", ".hpp", ".hxx"}, path.Ext(name)) {
		return true
	}
	ctx := c.Target.context()
	ctx.ReleaseTags = nil // the toolchain's, which may be another Go
	if !c.Target.CGo && slices.Contains([]string{".c", ".cc", ".cpp", ".cxx", ".m", ".f", ".F", ".for", ".f90", ".swig", ".swigcxx"}, path.Ext(name)) {
		return false
	}
	if ok, err := ctx.MatchFile(c.file(dir), name); ok || err != nil && isSource(name) {
		return true // go says what is wrong with it
	}
	unknown := unknownTags(c.file(dir, name))
	if len(unknown) == 0 {
		return false
	}
	ctx.BuildTags = append(slices.Clone(ctx.BuildTags), unknown...)
	ok, _ := ctx.MatchFile(c.file(dir), name)
	return ok
}

// unknownTags gives the tags in a file's constraints that only the toolchain and its
// flags decide.
func unknownTags(name string) (tags []string) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(data) {
		text := strings.TrimSpace(string(line))
		if text != "" && !strings.HasPrefix(text, "//") {
			break
		}
		if !constraint.IsGoBuild(text) && !constraint.IsPlusBuild(text) {
			continue
		}
		expr, err := constraint.Parse(text)
		if err != nil {
			continue
		}
		expr.Eval(func(tag string) bool { // which sees every tag
			if strings.Contains(tag, ".") || slices.Contains([]string{"race", "msan", "asan", "boringcrypto"}, tag) {
				tags = append(tags, tag)
			}
			return false
		})
	}
	return tags
}

// embed takes what a //go:embed pattern of the package in dir names.
func (c *closure) embed(dir, pattern string) {
	if !fs.ValidPath(pattern) {
		return // for go to refuse
	}
	names, _ := filepath.Glob(filepath.Join(escapeGlob(c.file(dir)), filepath.FromSlash(pattern)))
	for _, name := range names {
		filepath.WalkDir(name, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if rel, err := filepath.Rel(c.root, name); err == nil {
					c.files[filepath.ToSlash(rel)] = true
				}
			}
			return nil
		})
	}
}

// escapeGlob keeps a directory's name from being read as a pattern.
func escapeGlob(dir string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(dir)
}

// headers takes every header of a module.
func (c *closure) headers(module string) {
	filepath.WalkDir(c.file(module), func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".h", ".hh", ".hpp", ".hxx"}, filepath.Ext(name)) {
			if rel, err := filepath.Rel(c.root, name); err == nil {
				c.files[filepath.ToSlash(rel)] = true
			}
		}
		return nil
	})
}

// copied is the time of every file that Narrow makes.
var copied = time.Unix(0, 0)

// copy puts a file into the tree of the build id, as a link where another tree has it.
func (n *narrower) copy(id, name string) error {
	to := filepath.Join(n.out, filepath.FromSlash(id), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if first, ok := n.first[name]; ok {
		return os.Link(first, to)
	}
	data, err := os.ReadFile(n.file(name))
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		return err
	}
	n.first[name] = to
	return os.Chtimes(to, copied, copied)
}
