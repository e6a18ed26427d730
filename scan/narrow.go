package scan

import (
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// Build is one binary on one target, whose source is wanted alone. Paths are as in Facts;
// what is at no such path, as one that leaves the scanned directory, is not there.
type Build struct {
	ID     string   `json:"id"`              // folder of the result
	Set    string   `json:"set,omitempty"`   // folder of what it imports from elsewhere; builds may share one
	Main   string   `json:"main"`            // directory of the main package
	Module string   `json:"module"`          // directory of its module
	Work   bool     `json:"work,omitempty"`  // it is built in workspace mode
	Files  []string `json:"files,omitempty"` // further files that the build reads
	Target Target   `json:"target"`
}

// Narrow copies from the directory root, for each build into out/ID, the files that go
// build reads for it: the packages of its own modules and of vendor directories that its
// main package imports, what they embed and include, go.mod, go.sum and go.work. Paths are
// kept; a link to a file becomes that file. Modes and times are fixed, so that equal source
// gives equal trees. No out/ID may be there before.
//
// The imports that are of neither go to out/Set/imports.txt, one on each line and sorted,
// for all builds of the set together; what says where they come from, the builds' go.mod,
// go.sum and go.work files, to out/Set/mod.
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

// set is what the builds that share a Set import from elsewhere.
type set struct {
	imports map[string]bool
	files   map[string]bool
}

// source is what one package adds to a build.
type source struct {
	files   []string
	imports []string
}

// closure is the source of one build, while it is looked for.
type closure struct {
	*narrower
	Build
	modules map[string][]string // directories in the tree by the module path that they may serve
	queue   []string            // directories of packages to visit
	seen    map[string]bool     // those that were ever in the queue
	files   map[string]bool
}

func (n *narrower) build(b Build) error {
	c := &closure{narrower: n, Build: b, modules: map[string][]string{}, seen: map[string]bool{}, files: map[string]bool{}}
	if fs.ValidPath(c.Main) && fs.ValidPath(c.Module) {
		c.find()
	}
	if c.Set != "" {
		c.share()
	}
	return c.write()
}

// share adds to the build's set what it imports from elsewhere.
func (c *closure) share() {
	to := c.sets[c.Set]
	if to == nil {
		to = &set{imports: map[string]bool{}, files: map[string]bool{}}
		c.sets[c.Set] = to
	}
	for name := range c.files {
		switch path.Base(name) {
		case "go.mod", "go.sum", "go.work", "go.work.sum":
			to.files[name] = true
		}
	}
	for dir := range c.seen {
		p := c.packages[c.Target.String()+" "+dir]
		for _, imp := range p.imports {
			here := slices.ContainsFunc(c.resolve(imp), func(dir string) bool {
				files := c.packages[c.Target.String()+" "+dir].files
				return slices.ContainsFunc(files, func(name string) bool { return isSource(path.Base(name)) })
			})
			if !here && imp != "C" {
				to.imports[imp] = true
			}
		}
	}
}

func (n *narrower) writeSet(name string, s *set) error {
	if err := n.dst.MkdirAll(path.Join(name, "mod"), 0o755); err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(s.files)) {
		if err := n.copy(file, path.Join(name, "mod", file)); err != nil {
			return err
		}
	}
	list := strings.Join(slices.Sorted(maps.Keys(s.imports)), "\n") + "\n"
	file := path.Join(name, "imports.txt")
	if err := n.dst.WriteFile(file, []byte(list), 0o644); err != nil {
		return err
	}
	return n.fix(file, 0o644)
}

func (c *closure) find() {
	c.findModules()
	c.take(path.Join(c.vendor(), "modules.txt"), path.Join(c.Main, "default.pgo"))
	c.take(c.Files...)
	c.enter(c.Main)
	for len(c.queue) > 0 {
		dir := c.queue[0]
		c.queue = c.queue[1:]
		c.visit(dir)
	}
}

// findModules takes the files that say which modules the build has, and notes those that
// are in the tree. https://go.dev/ref/mod#workspaces and #go-mod-file-replace
func (c *closure) findModules() {
	mains := []string{c.Module}
	if c.Work {
		work := c.parse("go.work")
		c.take("go.work", "go.work.sum")
		for _, use := range directives(work, "use") {
			if len(use) == 1 && !path.IsAbs(use[0]) {
				mains = append(mains, path.Clean(use[0]))
			}
		}
		c.replace(".", work)
	}
	for _, dir := range mains {
		if !fs.ValidPath(dir) {
			continue
		}
		mod := c.parse(path.Join(dir, "go.mod"))
		c.take(path.Join(dir, "go.mod"), path.Join(dir, "go.sum"))
		for _, m := range directives(mod, "module") {
			c.module(m[0], dir)
		}
		c.replace(dir, mod)
	}
}

// replace notes the directories that a go.mod or go.work in dir replaces modules by.
func (c *closure) replace(dir string, mod *modfile.FileSyntax) {
	for _, r := range directives(mod, "replace") {
		arrow := slices.Index(r, "=>")
		if arrow > 0 && len(r) == arrow+2 && !path.IsAbs(r[arrow+1]) {
			c.module(r[0], path.Join(dir, r[arrow+1]))
		}
	}
}

// module notes that imports of the module with that path may be served from dir.
func (c *closure) module(modulePath, dir string) {
	if fs.ValidPath(dir) && !slices.Contains(c.modules[modulePath], dir) {
		c.modules[modulePath] = append(c.modules[modulePath], dir)
		c.take(path.Join(dir, "go.mod"))
	}
}

// parse gives the syntax of a go.mod or go.work of any Go; it is empty when there is none
// or when it is wrong.
func (n *narrower) parse(name string) *modfile.FileSyntax {
	data, err := n.src.ReadFile(name)
	if err != nil {
		return &modfile.FileSyntax{}
	}
	f, err := modfile.ParseLax(name, data, nil)
	if err != nil {
		return &modfile.FileSyntax{}
	}
	return f.Syntax
}

// directives gives the words after a verb, which are one or more, for each of its lines.
func directives(f *modfile.FileSyntax, verb string) (lines [][]string) {
	add := func(words []string) {
		if len(words) > 0 {
			lines = append(lines, unquoted(words))
		}
	}
	for _, stmt := range f.Stmt {
		switch s := stmt.(type) {
		case *modfile.Line:
			if s.Token[0] == verb {
				add(s.Token[1:])
			}
		case *modfile.LineBlock:
			if s.Token[0] == verb {
				for _, l := range s.Line {
					add(l.Token)
				}
			}
		}
	}
	return lines
}

func unquoted(words []string) []string {
	words = slices.Clone(words)
	for i, w := range words {
		if s, err := strconv.Unquote(w); err == nil {
			words[i] = s
		}
	}
	return words
}

// vendor is the directory whose packages the build takes instead of downloading modules.
func (c *closure) vendor() string {
	if c.Work {
		return "vendor"
	}
	return path.Join(c.Module, "vendor")
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
	key := c.Target.String() + " " + dir
	p, ok := c.packages[key]
	if !ok {
		p = c.read(c.Target, dir)
		c.packages[key] = p
	}
	for _, name := range p.files {
		c.files[name] = true
	}
	for _, imp := range p.imports {
		for _, to := range c.resolve(imp) {
			c.enter(to)
		}
	}
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

// read gives the package in dir, as go build sees it for the target.
func (n *narrower) read(t Target, dir string) *source {
	entries, err := fs.ReadDir(n.src.FS(), dir)
	if err != nil {
		return &source{} // go names the import
	}
	var taken, goFiles []fs.FileInfo
	for _, e := range entries {
		info, err := n.src.Stat(path.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if n.reads(t, dir, info) {
			taken = append(taken, info)
		}
		if isSource(e.Name()) {
			goFiles = append(goFiles, info)
		}
	}
	p := n.parsed(t, dir, taken)
	s := &source{imports: p.Imports}
	compiled := false
	for _, info := range taken {
		if !slices.Contains(p.IgnoredGoFiles, info.Name()) { // import "C" without cgo
			s.files = append(s.files, path.Join(dir, info.Name()))
			compiled = compiled || isSource(info.Name())
		}
	}
	if !compiled {
		for _, info := range goFiles {
			s.files = append(s.files, path.Join(dir, info.Name()))
		}
		return s
	}
	s.files = append(s.files, n.included(s.files, p.CgoFiles, t.CGo && usesC(p))...)
	for _, pattern := range p.EmbedPatterns {
		s.files = append(s.files, n.embedded(dir, pattern)...)
	}
	return s
}

// parsed gives what go/build makes of some files of the directory dir, constraints aside.
func (n *narrower) parsed(t Target, dir string, files []fs.FileInfo) *build.Package {
	ctx := n.context(t)
	ctx.UseAllFiles = true
	ctx.ReadDir = func(string) ([]fs.FileInfo, error) { return files, nil }
	p, _ := ctx.ImportDir(dir, 0) // not nil, even where go finds mistakes
	return p
}

func (n *narrower) context(t Target) build.Context {
	ctx := t.context()
	ctx.ReleaseTags = nil // the toolchain's, which may be another Go
	ctx.JoinPath = path.Join
	ctx.OpenFile = func(name string) (io.ReadCloser, error) { return n.src.Open(name) }
	ctx.IsDir = func(name string) bool {
		info, err := n.src.Stat(name)
		return err == nil && info.IsDir()
	}
	return ctx
}

// onlyC are the files that go build passes over without cgo. Fortran it refuses.
var onlyC = []string{".c", ".cc", ".cpp", ".cxx", ".m", ".swig", ".swigcxx", ".S", ".sx"}

// headers are the names of what C includes, without a line that says so in every case.
var headers = []string{".h", ".hh", ".hpp", ".hxx"}

// usesC reports whether a C compiler sees the package.
func usesC(p *build.Package) bool {
	return len(p.CgoFiles)+len(p.SwigFiles)+len(p.SwigCXXFiles) > 0
}

// reads reports whether go build may read that file of the package in dir for the target.
func (n *narrower) reads(t Target, dir string, file fs.FileInfo) bool {
	name := file.Name()
	if strings.HasSuffix(name, "_test.go") || !t.CGo && slices.Contains(onlyC, path.Ext(name)) {
		return false
	}
	ctx := n.context(t)
	if ok, err := ctx.MatchFile(dir, name); ok || err != nil {
		return true // go says what is wrong with it
	}
	return n.mayMatch(ctx, dir, file)
}

// mayMatch reports whether some choice of the toolchain's tags makes go build read a file.
func (n *narrower) mayMatch(ctx build.Context, dir string, file fs.FileInfo) bool {
	ctx.ReadDir = func(string) ([]fs.FileInfo, error) { return []fs.FileInfo{file}, nil }
	p, _ := ctx.ImportDir(dir, 0)
	given := ctx.BuildTags
	var tags []string
	for _, tag := range p.AllTags {
		if isToolchainTag(tag) && !slices.Contains(given, tag) {
			tags = append(tags, tag)
		}
	}
	const most = 6 // to try every choice of
	if len(tags) > most {
		return true
	}
	for choice := 1; choice < 1<<len(tags); choice++ {
		ctx.BuildTags = slices.Clone(given)
		for i, tag := range tags {
			if choice&(1<<i) != 0 {
				ctx.BuildTags = append(ctx.BuildTags, tag, "goexperiment."+tag) // which is what boringcrypto means
			}
		}
		if ok, _ := ctx.MatchFile(dir, file.Name()); ok {
			return true
		}
	}
	return false
}

// isToolchainTag reports whether a tag may be set by the toolchain or its flags.
func isToolchainTag(tag string) bool {
	return strings.Contains(tag, ".") || slices.Contains([]string{"race", "msan", "asan", "boringcrypto"}, tag)
}

// embedded gives the files that a //go:embed pattern of the package in dir names, and what
// makes go refuse some of them. https://pkg.go.dev/embed
func (n *narrower) embedded(dir, pattern string) (files []string) {
	glob, hidden := strings.CutPrefix(pattern, "all:")
	if !fs.ValidPath(glob) || glob == "." {
		return nil // for go to refuse
	}
	names, err := fs.Glob(n.src.FS(), path.Join(quoteGlob(dir), glob))
	if err != nil {
		return nil
	}
	for _, name := range names {
		border, ok := n.borders(dir, name)
		if !ok {
			continue
		}
		files = append(append(files, border...), n.embeddable(name, hidden)...)
	}
	return files
}

// borders gives the go.mod files from name up to the package in dir, which go does not
// embed beyond, and whether there is no link on that way, which it does not follow.
func (n *narrower) borders(dir, name string) (files []string, ok bool) {
	for d := name; d != dir && d != "."; d = path.Dir(d) {
		info, err := n.src.Lstat(d)
		if err != nil || d != name && !info.IsDir() {
			return nil, false
		}
		if mod := path.Join(d, "go.mod"); n.isFile(mod) {
			files = append(files, mod)
		}
	}
	return files, true
}

// embeddable gives the file name, or the files in the directory name that go embeds; those
// with . or _ before their names only if hidden. A link to a file is given, since
// GODEBUG=embedfollowsymlinks=1 lets go embed it.
func (n *narrower) embeddable(name string, hidden bool) (files []string) {
	if n.isFile(name) {
		return []string{name}
	}
	fs.WalkDir(n.src.FS(), name, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil
		case file != name && d.IsDir() && (n.isFile(path.Join(file, "go.mod")) || isRepository(d.Name())):
			return fs.SkipDir
		case file != name && !hidden && (d.Name()[0] == '.' || d.Name()[0] == '_'):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.Type().IsRegular():
			files = append(files, file)
		}
		return nil
	})
	return files
}

func isRepository(name string) bool {
	return slices.Contains([]string{".bzr", ".git", ".hg", ".svn"}, name)
}

// quoteGlob keeps a directory's name from being read as a pattern.
func quoteGlob(dir string) string {
	return strings.NewReplacer(`*`, `\*`, `?`, `\?`, `[`, `\[`, `\`, `\\`).Replace(dir)
}

// included gives the files of the tree that a package's assembly and C include, and those
// that these include. Where a C compiler looks is not known: with c it may be any header,
// any file whose path ends as the line says, and anything where a macro says it.
func (n *narrower) included(files, cgoFiles []string, c bool) []string {
	var queue []string
	for _, name := range files {
		if ext := path.Ext(name); ext != ".go" && ext != ".syso" || slices.Contains(cgoFiles, path.Base(name)) {
			queue = append(queue, name)
		}
	}
	own := len(queue)
	if c {
		queue = append(queue, n.with(headers)...)
	}
	seen := map[string]bool{}
	for i := 0; i < len(queue); i++ {
		if seen[queue[i]] {
			continue
		}
		seen[queue[i]] = true
		for _, inc := range n.includes(queue[i]) {
			if inc != "" {
				queue = append(queue, n.ending(inc)...)
			} else if c && !seen[""] {
				seen[""] = true
				queue = append(queue, n.with(slices.Concat(onlyC, []string{".s"}))...)
			}
		}
	}
	return queue[own:]
}

var includeLine = regexp.MustCompile(`[#%][ \t]*(?:include|include_next|import|embed)\b[ \t]*(?:"([^"\n]*)"|<([^>\n]*)>|\S)`)

// includes gives what a file includes, "" where it does not say what.
func (n *narrower) includes(name string) (names []string) {
	data, err := n.src.ReadFile(name)
	if err != nil {
		return nil
	}
	for _, m := range includeLine.FindAllSubmatch(data, -1) {
		names = append(names, string(m[1])+string(m[2]))
	}
	return names
}

// ending gives the files of the tree whose paths end in name, steps up aside.
func (n *narrower) ending(name string) (files []string) {
	name = path.Clean("/" + name)
	for _, file := range n.tree()[path.Base(name)] {
		if strings.HasSuffix("/"+file, name) {
			files = append(files, file)
		}
	}
	return files
}

// tree gives all files of the tree by the last element of their paths, links to files
// among them.
func (n *narrower) tree() map[string][]string {
	if n.byName != nil {
		return n.byName
	}
	n.byName = map[string][]string{}
	fs.WalkDir(n.src.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && n.isFile(file) {
			n.byName[d.Name()] = append(n.byName[d.Name()], file)
		}
		return nil
	})
	return n.byName
}

// with gives the files of the tree with one of the extensions.
func (n *narrower) with(exts []string) (files []string) {
	for name, list := range n.tree() {
		if slices.Contains(exts, path.Ext(name)) {
			files = append(files, list...)
		}
	}
	return files
}

// copied is the time of every file and directory that Narrow makes.
var copied = time.Unix(0, 0)

// write makes the folder of the build, even where nothing is in it, for go to say what is
// missing.
func (c *closure) write() error {
	if err := c.dst.MkdirAll(c.ID, 0o755); err != nil {
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
