package integration

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
)

// app is a module of the own with one program, in a folder of its name.
type app struct {
	name   string
	tags   string
	vendor bool
}

// tree is a build context with several programs.
type tree struct {
	dir       string
	ref       string // of its registry cache
	platforms string
	apps      []app
}

// TestModules builds programs that need their modules with care, and compares them with what
// go build makes outside. Then their own code is edited, and they are built again where nothing
// is left of the first build but a registry cache: the module proxy is gone, too.
func TestModules(t *testing.T) {
	t.Parallel()
	k := kit(t)
	p := serveModules(t, archive(t, "modules"))
	trees := []tree{apps(t, p), workspace(t, p)}
	for _, tree := range trees {
		p.zips()
		res := build(t, k, tree.request(request{exports: registryCache(k.Registry.Ref(tree.ref))}))
		for _, zip := range p.zips() {
			name, _, _ := strings.Cut(strings.TrimPrefix(zip, "example.com/"), "@")
			if slices.Contains([]string{"unneeded", "toolbox", "toolpart", "slow", "onwindows", "forked"}, name) {
				t.Errorf("%s was downloaded, which no program needs", zip)
			}
		}
		tree.compare(t, p, res)
	}

	p.Close()
	second := fresh(t)
	for _, tree := range trees {
		for _, a := range tree.apps {
			tree.edit(t, a, "two")
		}
		res := build(t, second, tree.request(request{imports: registryCache(second.Registry.Ref(tree.ref))}))
		res.findsShared(t)
		tree.compare(t, p, res)
	}
}

// apps is a context with a module for each thing that a pruned module cache has to keep.
func apps(t *testing.T, p *proxy) tree {
	t.Helper()
	tr := tree{dir: project(t, archive(t, "apps")), ref: "test/modules:1", platforms: "linux/amd64", apps: []app{
		{name: "plain"},
		{name: "replaced"}, // by a folder, whose go.mod requires a module
		{name: "vendored", vendor: true},
		{name: "embeds"},   // of a module: a file, a directory, all of one
		{name: "assembly"}, // that includes files of other folders of its module
		{name: "cgo"},      // which is off: the package has pure Go, too
		{name: "tool"},     // and ignore, in go.mod
		{name: "profiled"}, // by a default.pgo, which a module's package is compiled with
		{name: "tagged", tags: "fast"},
		{name: "internal"},
		{name: "majors"},
		{name: "incompatible"},
		{name: "uppercase"},
		{name: "cycle"},  // a module that imports an own package
		{name: "nested"}, // modules, either of which might have the package
		{name: "forked"}, // modules, replaced by another and by another version
	}}
	write(t, filepath.Join(tr.dir, "profiled/default.pgo"), string(profile("example.com/hot.step", 10, "example.com/hot.Sum", 3, 5)))
	tr.prepare(t, p)
	for _, a := range tr.apps {
		p.run(t, filepath.Join(tr.dir, a.name), "mod", "tidy")
		if a.vendor {
			p.run(t, filepath.Join(tr.dir, a.name), "mod", "vendor")
		}
	}
	return tr
}

// workspace is a context with a go.work, and with modules that import others on each platform.
func workspace(t *testing.T, p *proxy) tree {
	t.Helper()
	tr := tree{dir: project(t, archive(t, "workspace")), ref: "test/workspace:1", platforms: "linux/amd64,linux/arm64",
		apps: []app{{name: "plat"}, {name: "svc"}}}
	tr.prepare(t, p)
	p.run(t, tr.dir, "mod", "download")
	return tr
}

// TestVendoredWorkspace builds from the vendor folder of a workspace. Assembly that includes what is in no package is left
// out of it, since vendoring leaves that out: such a package compiles only where its result is in a cache already.
func TestVendoredWorkspace(t *testing.T) {
	p := serveModules(t, archive(t, "modules"))
	tr := workspace(t, p)
	write(t, filepath.Join(tr.dir, "plat/main.go"), "package main\n\nimport \"example.com/plat\"\n\nfunc main() { println(edit, plat.Name) }\n")
	p.run(t, filepath.Join(tr.dir, "plat"), "mod", "edit", "-droprequire=example.com/asm")
	p.run(t, tr.dir, "work", "vendor")
	tr.platforms = "linux/amd64"
	tr.compare(t, p, build(t, kit(t), tr.request(request{})))
}

// TestIgnored builds a module in which an ignored folder holds a program, which is none of
// the module's.
func TestIgnored(t *testing.T) {
	res := build(t, kit(t), request{attrs: map[string]string{"target": "binaries"}, dir: project(t, with(tiny, map[string]string{
		"go.mod":          tiny["go.mod"] + "\nignore ./web\n",
		"web/gen/main.go": "package main\n\nfunc main() { println(\"ignored\") }\n",
	}))})
	if got := sortedNames(res.data); !slices.Equal(got, []string{"tiny"}) {
		t.Errorf("the binaries are %v", got)
	}
}

// TestOwnPackageForModule has an own package that a module alone imports, which the source does not
// say: the compile step names it, and an import of it in the program is the remedy.
func TestOwnPackageForModule(t *testing.T) {
	p := serveModules(t, archive(t, "modules"))
	tr := tree{platforms: "linux/amd64", apps: []app{{name: "cycle"}}, dir: project(t, map[string]string{
		"cycle/go.mod":     "module example.com/own/cycle\n\ngo 1.26\n",
		"cycle/main.go":    "package main\n\nimport \"example.com/plugin\"\n\nfunc main() { println(edit, plugin.Name()) }\n",
		"cycle/api/api.go": "package api\n\nconst Name = \"interface\"\n",
	})}
	tr.prepare(t, p)
	p.run(t, filepath.Join(tr.dir, "cycle"), "mod", "tidy")
	res, err := tryBuild(t, kit(t), tr.request(request{}))
	if want := "no required module provides package example.com/own/cycle/api"; err == nil || !strings.Contains(res.logs, want) {
		t.Errorf("got %v and\n%s, want %s", err, res.logs, want)
	}
	write(t, filepath.Join(tr.dir, "cycle", "api.go"), "package main\n\nimport _ \"example.com/own/cycle/api\"\n")
	tr.compare(t, p, build(t, kit(t), tr.request(request{})))
}

// prepare writes the spec, in which every program is a binary, and the files to edit.
func (tr tree) prepare(t *testing.T, p *proxy) {
	t.Helper()
	spec := p.spec() + "binaries:\n"
	for _, a := range tr.apps {
		spec += fmt.Sprintf("  %s:\n    main: ./%s\n", a.name, a.name)
		if a.tags != "" {
			spec += "    tags: [" + a.tags + "]\n"
		}
		tr.edit(t, a, "one")
	}
	write(t, filepath.Join(tr.dir, "Dockerfile"), spec)
}

// edit changes a program's own code.
func (tr tree) edit(t *testing.T, a app, word string) {
	t.Helper()
	write(t, filepath.Join(tr.dir, a.name, "edit.go"), "package main\n\nconst edit = \""+word+"\"\n")
}

func (tr tree) request(r request) request {
	r.dir, r.platforms, r.attrs = tr.dir, tr.platforms, map[string]string{"target": "binaries"}
	return r
}

// compare holds the binaries of a build against those of go build outside.
func (tr tree) compare(t *testing.T, p *proxy, res *result) {
	t.Helper()
	list := strings.Split(tr.platforms, ",")
	for _, platform := range list {
		for _, a := range tr.apps {
			name := a.name
			if len(list) > 1 {
				name = strings.ReplaceAll(platform, "/", "_") + "/" + name
			}
			want, said, err := p.goBuild(t, filepath.Join(tr.dir, a.name), ".", platform, "-tags="+a.tags)
			if err != nil {
				t.Fatalf("go build of %s: %v\n%s", a.name, err, said)
			}
			if got := res.data[name]; !bytes.Equal(got, want) {
				t.Errorf("%s has %d bytes, go build makes other %d; exported were %v", name, len(got), len(want), sortedNames(res.data))
			}
		}
	}
}

// registryCache is an import from ref, or an export to it, of every step.
func registryCache(ref string) []client.CacheOptionsEntry {
	return []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": ref, "mode": "max"}}}
}

// findsShared fails the test when a step ran that all edits of own code have in common, or when own code was compiled
// and no deps step was found in a cache.
func (r *result) findsShared(t *testing.T) {
	t.Helper()
	compiled := false
	for _, name := range r.ran() {
		if isShared(name) {
			t.Errorf("%s ran again", name)
		}
		compiled = compiled || strings.HasSuffix(name, "] compile")
	}
	found := r.cachedSteps()
	if compiled && !slices.ContainsFunc(found, func(name string) bool { return strings.HasPrefix(name, "[deps ") }) {
		t.Errorf("no deps step was found in a cache, which has %q", found)
	}
}

// isShared reports whether a vertex makes what all edits of own code have in common.
func isShared(name string) bool {
	return slices.ContainsFunc([]string{"[toolchain", "[std", "[deps", "[modules", "[cc"}, func(step string) bool { return strings.HasPrefix(name, step) })
}

// archive gives the files in testdata/NAME.txtar, each of which begins with a line "-- FILE --".
func archive(t *testing.T, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	file := ""
	for line := range strings.Lines(string(data)) {
		if begins, ok := strings.CutPrefix(line, "-- "); ok {
			file = strings.TrimSuffix(begins, " --\n")
		} else if file != "" {
			files[file] += line
		}
	}
	return files
}

// profile is a CPU profile in which the function caller, whose first line is start, spent all its
// time in the line call, in the function leaf.
// https://github.com/google/pprof/blob/main/proto/profile.proto
func profile(leaf string, leafStart uint64, caller string, start, call uint64) []byte {
	number := func(to []byte, field, v uint64) []byte {
		return binary.AppendUvarint(binary.AppendUvarint(to, field<<3), v)
	}
	message := func(to []byte, field uint64, v []byte) []byte {
		return append(binary.AppendUvarint(binary.AppendUvarint(to, field<<3|2), uint64(len(v))), v...)
	}
	var out []byte
	for _, v := range [][2]uint64{{1, 2}, {3, 4}} { // samples/count, cpu/nanoseconds
		out = message(out, 1, number(number(nil, 1, v[0]), 2, v[1]))
	}
	stack := number(number(nil, 1, 1), 1, 2) // locations, the leaf first
	out = message(out, 2, number(number(stack, 2, 100), 2, 1_000_000_000))
	for i, f := range []struct{ name, start, line uint64 }{{5, leafStart, leafStart}, {6, start, call}} {
		id := uint64(i + 1)
		out = message(out, 4, message(number(nil, 1, id), 4, number(number(nil, 1, id), 2, f.line)))
		out = message(out, 5, number(number(number(number(nil, 1, id), 2, f.name), 3, f.name), 5, f.start))
	}
	for _, s := range []string{"", "samples", "count", "cpu", "nanoseconds", leaf, caller} {
		out = message(out, 6, []byte(s))
	}
	return out
}

// TestModuleMistakes gives the go command's own words on imports that no module provides, or two.
func TestModuleMistakes(t *testing.T) {
	k := kit(t)
	p := serveModules(t, archive(t, "modules"))
	const name = "require example.com/name v1.0.0\n"
	for _, c := range []struct {
		name, imp, mod string
		noSum          bool // go.sum is empty
	}{
		{name: "missing go.sum entry", imp: "example.com/name", mod: name, noSum: true},
		{name: "no module provides it", imp: "example.com/nowhere/pkg", mod: name},
		{name: "its module lacks it", imp: "example.com/name/nothing", mod: name},
		{name: "two modules provide it", imp: "example.com/nest/sub/pkg", mod: "require (\n\texample.com/nest v1.1.0\n\texample.com/nest/sub v1.0.0\n)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := project(t, map[string]string{
				"Dockerfile":       p.spec() + "binaries: {tiny: ./cmd/tiny}\n",
				"go.mod":           "module example.com/tiny\n\ngo 1.26\n\n" + c.mod,
				"cmd/tiny/main.go": "package main\n\nimport _ \"" + c.imp + "\"\n\nfunc main() {}\n",
			})
			if !c.noSum {
				p.run(t, dir, "mod", "download", "all")
			}
			_, said, err := p.goBuild(t, dir, "./cmd/tiny", "linux/amd64")
			if err == nil || !strings.Contains(said, "cmd/tiny/main.go:3:8: ") {
				t.Fatalf("go build gives %v and\n%s", err, said)
			}
			res, err := tryBuild(t, k, request{dir: dir, platforms: "linux/amd64"})
			if err == nil {
				t.Error("no error")
			}
			for line := range strings.Lines(said) {
				line, _, _ = strings.Cut(line, " ("+p.modCache) // where a module is
				if !strings.Contains(res.logs, line) {
					t.Errorf("%q is not in\n%s", line, res.logs)
				}
			}
		})
	}
}
