package scan

import (
	"go/build"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// source is what one package adds to a build.
type source struct {
	files   []string
	imports []string
}

// hasGo reports whether the package has a Go file.
func (s *source) hasGo() bool {
	return slices.ContainsFunc(s.files, func(name string) bool { return isSource(path.Base(name)) })
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
