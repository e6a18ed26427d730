package importer

import (
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/scan"
)

// linux are the platforms that source is looked at for, without cgo or with it: a first spec
// is for them.
func linux(cgo bool) scan.Request {
	return scan.Request{Targets: []scan.Target{
		{GOOS: "linux", GOARCH: "amd64", CGo: cgo}, {GOOS: "linux", GOARCH: "arm64", CGo: cgo},
	}}
}

// Source gives the path of the module in a folder, "" without one, and the main packages that
// are built for Linux.
func Source(root string) (module string, mains []Main, err error) {
	facts, err := scan.Dir(root, linux(true))
	if err != nil {
		return "", nil, err
	}
	for _, m := range facts.Modules {
		if m.Dir == "." {
			module = m.Path
		}
	}
	return module, mainsOf(facts), nil
}

// mainsOf names the main packages of modules that a build may use, each differently.
func mainsOf(facts *scan.Facts) (out []Main) {
	names := map[string]bool{}
	add := func(name, dir string) {
		name = free(binaryName(name), func(s string) bool { return names[s] })
		names[name] = true
		out = append(out, Main{Name: name, Dir: dir})
	}
	for _, m := range facts.Mains {
		if w := facts.Work; w != nil && len(w.Problems) == 0 && !slices.Contains(w.Use, m.Module) {
			continue
		}
		name := path.Base(m.Dir)
		if m.Dir == "." {
			name = moduleName(modulePath(facts, "."))
		}
		if names[binaryName(name)] {
			name = strings.ReplaceAll(m.Dir, "/", "-")
		}
		add(name, m.Dir)
	}
	return out
}

func modulePath(facts *scan.Facts, dir string) string {
	for _, m := range facts.Modules {
		if m.Dir == dir {
			return m.Path
		}
	}
	return ""
}
