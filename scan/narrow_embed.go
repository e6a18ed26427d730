package scan

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

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
