package scan

import (
	"io/fs"
	"path"
	"slices"
	"strconv"

	"golang.org/x/mod/modfile"
)

// findModules takes the files that say which modules the build has, and notes those that
// are in the tree. https://go.dev/ref/mod#workspaces and #go-mod-file-replace
func (c *closure) findModules() {
	if c.Work {
		c.take(path.Join(c.Root, "go.work"), path.Join(c.Root, "go.work.sum"))
		c.replace(path.Join(c.Root, "."), c.parse(path.Join(c.Root, "go.work")))
	}
	for _, dir := range c.mains() {
		mod := c.parse(path.Join(dir, "go.mod"))
		c.take(path.Join(dir, "go.mod"), path.Join(dir, "go.sum"))
		for _, m := range directives(mod, "module") {
			c.module(m[0], dir)
		}
		c.replace(dir, mod)
	}
}

// mains are the directories of the build's main modules: its own, and those of the workspace.
func (c *closure) mains() []string {
	mains := []string{c.Module}
	if c.Work {
		for _, use := range directives(c.parse(path.Join(c.Root, "go.work")), "use") {
			if dir := path.Join(c.Root, use[0]); len(use) == 1 && !path.IsAbs(use[0]) && fs.ValidPath(dir) && dir != c.Module {
				mains = append(mains, dir)
			}
		}
	}
	return mains
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
		return path.Join(c.Root, "vendor")
	}
	return path.Join(c.Module, "vendor")
}
