package scan

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// Build is one binary on one target, whose source is wanted alone. Paths are as in Facts;
// what is at no such path, as one that leaves the scanned directory, is not there.
type Build struct {
	ID      string `json:"id"`                // folder of the result
	Set     string `json:"set,omitempty"`     // folder of what it imports from elsewhere; builds may share one
	Root    string `json:"root,omitempty"`    // directory that go.work is in, "" for that of the tree
	Main    string `json:"main"`              // directory of the main package
	Module  string `json:"module"`            // directory of its module
	Work    bool   `json:"work,omitempty"`    // it is built in workspace mode
	Profile string `json:"profile,omitempty"` // file with the profile (PGO) that all packages are compiled by
	// Tests are directories of packages whose tests are run; one that ends in /... stands
	// for all below it that are of its module too. The folder of the result is then empty: a
	// test reads what it likes.
	Tests []string `json:"tests,omitempty"`
	Target
}

// Narrow copies from the directory root, for each build into out/ID, the files that go
// build reads for it: the packages of its own modules and of vendor directories that its
// main package imports, what they embed and include, go.mod, go.sum and go.work. Paths are
// kept; a link to a file becomes that file. Modes and times are fixed, so that equal source
// gives equal trees. No out/ID may be there before.
//
// What they import from elsewhere, vendor directories included, goes for all builds of the
// set together to out/Set/[ImportsFile], one import on each line and sorted. What says where
// that comes from goes to out/Set/mod: the builds' go.mod, go.sum and go.work files, the
// vendored packages and the profile. out/Set/std/[ImportsFile] is the part of the standard
// library that such a project takes, see stdlib.
//
// A file is left out only where that is certain: tags that only the toolchain knows, as
// go1.27, goexperiment.x or amd64.v3, are taken to be set and not to be set, and both the
// vendored and the replaced copy of a package are taken. A package with no file for the
// target keeps its Go files, for go to say so. Source that is wrong or missing is no error.
func Narrow(root, out string, builds []Build) error {
	src, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer src.Close()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	dst, err := os.OpenRoot(out)
	if err != nil {
		return err
	}
	defer dst.Close()
	n := &narrower{src: src, dst: dst, packages: map[string]*source{}, first: map[string]string{}, sets: map[string]*set{}}
	for _, b := range builds {
		if err := n.build(b); err != nil {
			return fmt.Errorf("source of %s: %w", b.ID, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.sets)) {
		if err := n.writeSet(name, n.sets[name]); err != nil {
			return fmt.Errorf("imports of %s: %w", name, err)
		}
	}
	return nil
}

// narrower is what the builds share. Reads and writes stay below src and dst, whatever
// names and links say.
type narrower struct {
	src, dst *os.Root
	packages map[string]*source  // by target and directory
	byName   map[string][]string // see tree
	first    map[string]string   // where a file was first copied to, to link to
	sets     map[string]*set     // by Build.Set
}

// closure is the source of one build, while it is looked for.
type closure struct {
	*narrower
	Build
	modules map[string][]string // directories in the tree by the module path that they may serve
	queue   []string            // directories of packages to visit
	seen    map[string]bool     // those that were ever in the queue
	files   map[string]bool
	tests   map[string][]string // what the tests in a directory import
}

func (n *narrower) build(b Build) error {
	c := &closure{
		narrower: n, Build: b, modules: map[string][]string{}, seen: map[string]bool{}, files: map[string]bool{}, tests: map[string][]string{},
	}
	if fs.ValidPath(c.Main) && fs.ValidPath(c.Module) {
		c.find()
	}
	if c.Set != "" {
		c.share()
	}
	if len(c.Tests) > 0 {
		clear(c.files)
	}
	return c.write()
}

func (c *closure) find() {
	c.findModules()
	c.take(path.Join(c.vendor(), "modules.txt"), path.Join(c.Main, "default.pgo"))
	if c.Profile != "" {
		c.take(c.Profile)
	}
	if len(c.Tests) > 0 {
		c.findTests()
	} else {
		c.enter(c.Main)
	}
	for len(c.queue) > 0 {
		dir := c.queue[0]
		c.queue = c.queue[1:]
		c.visit(dir)
	}
}

// take adds the files of those names that there are.
func (c *closure) take(names ...string) {
	for _, name := range names {
		if c.isFile(name) {
			c.files[path.Clean(name)] = true
		}
	}
}

// isFile reports whether name is a regular file, or a link to one, in the tree.
func (n *narrower) isFile(name string) bool {
	info, err := n.src.Stat(name)
	return err == nil && info.Mode().IsRegular() && fs.ValidPath(path.Clean(name))
}

func (c *closure) enter(dir string) {
	if !c.seen[dir] {
		c.seen[dir] = true
		c.queue = append(c.queue, dir)
	}
}

// visit takes the files of the package in dir, if there is one, and enters what it imports.
func (c *closure) visit(dir string) {
	p := c.pkg(dir)
	for _, name := range p.files {
		c.files[name] = true
	}
	for _, imp := range p.imports {
		for _, to := range c.resolve(imp) {
			c.enter(to)
		}
	}
}

// pkg gives the package in dir, as the build's target sees it.
func (c *closure) pkg(dir string) *source {
	key := c.Target.String() + " " + dir
	p, ok := c.packages[key]
	if !ok {
		p = c.read(c.Target, dir)
		c.packages[key] = p
	}
	return p
}

// resolve gives the directories that an import may name, where something may be or not.
// More than one holds a package only when go would call the import ambiguous, or takes
// just the vendored one.
func (c *closure) resolve(imp string) (dirs []string) {
	if !fs.ValidPath(imp) || imp == "." {
		return nil
	}
	for module := imp; module != "."; module = path.Dir(module) {
		for _, dir := range c.modules[module] {
			if to := path.Join(dir, strings.TrimPrefix(imp, module)); !c.crosses(dir, to) {
				dirs = append(dirs, to)
			}
		}
	}
	return append(dirs, path.Join(c.vendor(), imp))
}

// crosses reports whether the directory to, below dir, belongs to another module.
func (n *narrower) crosses(dir, to string) bool {
	for ; to != dir && to != "."; to = path.Dir(to) {
		if n.isFile(path.Join(to, "go.mod")) {
			return true
		}
	}
	return false
}

// copied is the time of every file and directory that Narrow makes. It is to come, since the
// go command indexes a package by names, sizes and times only, but none that is new.
// https://go.dev/src/cmd/go/internal/modindex/read.go
var copied = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// write makes the folder of the build, even where nothing is in it, for go to say what is
// missing.
func (c *closure) write() error {
	if err := c.dst.MkdirAll(path.Join(c.ID, c.Root), 0o755); err != nil {
		return err
	}
	// An empty vendor directory is enough for go to look nowhere else.
	if info, err := c.src.Stat(c.vendor()); err == nil && info.IsDir() {
		if err := c.dst.MkdirAll(path.Join(c.ID, c.vendor()), 0o755); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		if err := c.copy(name, path.Join(c.ID, name)); err != nil {
			return err
		}
	}
	return fs.WalkDir(c.dst.FS(), path.Clean(c.ID), func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return c.fix(name, 0o755)
	})
}

// copy puts the file name at to, as a link where an earlier build has it.
func (n *narrower) copy(name, to string) error {
	if err := n.dst.MkdirAll(path.Dir(to), 0o755); err != nil {
		return err
	}
	if first, ok := n.first[name]; ok {
		return n.dst.Link(first, to)
	}
	data, err := n.src.ReadFile(name)
	if err != nil {
		return err
	}
	if err := n.dst.WriteFile(to, data, 0o644); err != nil {
		return err
	}
	n.first[name] = to
	return n.fix(to, 0o644)
}

// fix sets what the umask and the clock decide.
func (n *narrower) fix(name string, mode fs.FileMode) error {
	return errors.Join(n.dst.Chmod(name, mode), n.dst.Chtimes(name, copied, copied))
}
