package scan

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// findTests enters the packages whose tests are run, and what the tests import.
func (c *closure) findTests() {
	for _, pattern := range c.Tests {
		for _, dir := range c.matching(pattern) {
			c.enter(dir)
			c.tests[dir] = c.testImports(dir)
			for _, imp := range c.tests[dir] {
				for _, to := range c.resolve(imp) {
					c.enter(to)
				}
			}
		}
	}
}

// matching are the directories that one of Build.Tests stands for, as far as they are there.
func (c *closure) matching(pattern string) (dirs []string) {
	root, all := strings.CutSuffix(pattern, "/...")
	if pattern == "..." {
		root, all = ".", true
	}
	if !fs.ValidPath(root) {
		return nil
	}
	if !all {
		return []string{root}
	}
	_ = fs.WalkDir(c.src.FS(), root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return nil // go says what is wrong with it
		case name != root && (Skips(path.Base(name)) || c.isFile(path.Join(name, "go.mod"))):
			return fs.SkipDir
		}
		dirs = append(dirs, name)
		return nil
	})
	return dirs
}

// testImports are what the tests of the package in dir import.
func (c *closure) testImports(dir string) []string {
	entries, err := fs.ReadDir(c.src.FS(), dir)
	if err != nil {
		return nil
	}
	ctx := c.context(c.Target)
	var tests []fs.FileInfo
	for _, e := range entries {
		info, err := c.src.Stat(path.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() || !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if ok, err := ctx.MatchFile(dir, e.Name()); ok || err != nil || c.mayMatch(ctx, dir, info) {
			tests = append(tests, info)
		}
	}
	if len(tests) == 0 {
		return nil
	}
	p := c.parsed(c.Target, dir, tests)
	return slices.Concat(p.TestImports, p.XTestImports)
}
