package integration

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"golang.org/x/sync/errgroup"
)

// A module of two others, and their sums.
const (
	module    = "module example.com/cache\n\ngo 1.26\n\n"
	requiring = module + "require rsc.io/sampler v1.3.0\n\nrequire golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c // indirect\n"
	sums      = `golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c h1:qgOY6WgZOaTkIIMiVjBQcw93ERBE4m30iBm00nkL0i8=
golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c/go.mod h1:NqM8EUOU14njkJ3fqMW+pc6Ldnwhi/IjpwHt7yyuwOQ=
rsc.io/sampler v1.3.0 h1:7uVkIFmeBqHfdjD+gZwtXXI+RODJ2Wc4O7MPEh/QiW4=
rsc.io/sampler v1.3.0/go.mod h1:T1hPZKmBbMNahiBKFy5HrXp6adAjACjK9JXDnKaTXpA=
`
)

// TestCache is a table of change × which steps ran, judged by the events of each
// vertex, on a project with two binaries, a file in the image and a module from outside.
func TestCache(t *testing.T) {
	k := kit(t)
	files := map[string]string{
		"Dockerfile":          "# syntax=acme/xbuild\ndefault: app\nimages:\n  app:\n    binaries: [app]\n    labels: {release: one}\n    files: [{from: web, to: /web}]\n  other: {}\n",
		"go.mod":              requiring,
		"go.sum":              sums,
		"cmd/app/main.go":     "package main\n\nfunc main() { println(\"app\") }\n",
		"cmd/other/main.go":   "package main\n\nfunc main() { println(\"other\") }\n",
		"web/index.html":      "one\n",
		"README.md":           "one\n",
		"cmd/app/app_test.go": "package main\n",
	}
	dir := project(t, files)
	stamp := fmt.Sprint(time.Now().UnixNano()) // new to the shared daemon's cache
	write(t, filepath.Join(dir, "cmd/app/stamp.go"), "package main\n\nconst stamp = \""+stamp+"\"\n")
	write(t, filepath.Join(dir, "web/stamp.txt"), stamp)
	build(t, k, request{dir: project(t, spread), platforms: "linux/amd64"}) // every image has the files of a system: they are there

	const (
		scan   = "[source] scan"
		narrow = "[source] narrow"
		amd64  = "[app linux/amd64] compile"
		arm64  = "[app linux/arm64] compile"
		copy1  = "[app linux/amd64] copy /usr/local/bin/app"
		copy2  = "[app linux/arm64] copy /usr/local/bin/app"
		merge1 = "[app linux/amd64] image"
		merge2 = "[app linux/arm64] image"
		web    = "[files] copy /web"
	)
	// Other projects of this daemon have them already, perhaps.
	dependencies := []string{"[toolchain] prune", "[std linux/amd64] compile", "[std linux/arm64] compile", "[deps linux/amd64] compile", "[deps linux/arm64] compile"}
	compiles := []string{narrow, amd64, arm64, copy1, copy2, merge1, merge2}
	edit := func(name, data string) func(t *testing.T) {
		return func(t *testing.T) { write(t, filepath.Join(dir, name), data) }
	}
	for _, step := range []struct {
		name   string
		change func(t *testing.T)
		ran    []string
		may    []string // also allowed: their result is compared, not their run
	}{
		{name: "first build", change: func(*testing.T) {}, ran: append([]string{scan, web}, compiles...), may: dependencies},
		{name: "nothing changed", change: func(*testing.T) {}},
		{name: "touched", change: func(t *testing.T) {
			now := time.Now().Add(time.Hour)
			if err := os.Chtimes(filepath.Join(dir, "cmd/app/main.go"), now, now); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "docs edited", change: edit("README.md", "two\n")},
		{name: "a test edited", change: edit("cmd/app/app_test.go", "package main\n\n// two\n")},
		{name: "a label changed", change: edit("Dockerfile", strings.Replace(files["Dockerfile"], "one", "two", 1))},
		{name: "a file of the image edited", change: edit("web/index.html", "two\n"), ran: []string{web, merge1, merge2}, may: []string{narrow}},
		{name: "another binary edited", change: edit("cmd/other/main.go", "package main\n\nfunc main() { println(\"two "+stamp+"\") }\n"),
			ran: []string{scan, narrow}},
		{name: "another system's file edited", change: edit("cmd/app/app_windows.go", "package main\n\nconst windows = \""+stamp+"\"\n"),
			ran: []string{scan, narrow}},
		{name: "a package that nobody imports added", change: edit("lib/lib.go", "package lib\n\nconst lib = \""+stamp+"\"\n"),
			ran: []string{scan, narrow}},
		{name: "one target's file edited", change: edit("cmd/app/app_arm64.go", "package main\n\nconst arm64 = \""+stamp+"\"\n"),
			ran: []string{scan, narrow, arm64}, may: []string{copy2, merge2}},
		{name: "one go file edited", change: edit("cmd/app/main.go", "package main\n\nfunc main() { println(\"two "+stamp+"\") }\n"),
			ran: compiles, may: []string{scan}},
	} {
		ok := t.Run(step.name, func(t *testing.T) {
			step.change(t)
			res := build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64"})
			if n := len(res.vertices["[toolchain] prune"]); n != 1 {
				t.Errorf("%d vertices prune the toolchain, want 1", n)
			}
			ran := slices.DeleteFunc(res.ran(), func(s string) bool { return slices.Contains(step.may, s) })
			slices.Sort(step.ran)
			if !slices.Equal(ran, step.ran) {
				t.Errorf("ran\n  %s\nwant\n  %s", strings.Join(ran, "\n  "), strings.Join(step.ran, "\n  "))
			}
			sameOnBoth(t, res, "usr/local/bin/app", dir, "./cmd/app")
		})
		if !ok {
			return
		}
	}
}

// sameOnBoth holds a file of the result on both platforms against what go build makes of a package.
func sameOnBoth(t *testing.T, res *result, file, dir, pkg string) {
	t.Helper()
	for _, arch := range []string{"amd64", "arm64"} {
		want := goBuilt(t, dir, pkg, "GOARCH="+arch+" GOARM64=v8.0", "-ldflags=-s -w")
		if got := res.data["linux_"+arch+"/"+file]; !bytes.Equal(got, want) {
			t.Errorf("%s has %d bytes, go build makes other %d", arch, len(got), len(want))
		}
	}
}

// TestRegistryCache builds on machines that share nothing but a registry cache, which the
// spec names and the first one exports.
func TestRegistryCache(t *testing.T) {
	t.Parallel()
	first := kit(t)
	ref := first.Registry.Ref("test/cache:1")
	files := map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ncache:\n  registry: " + ref + "\n",
		"go.mod":     requiring,
		"go.sum":     sums,
		"main.go":    "package main\n\nimport \"rsc.io/sampler\"\n\nfunc main() { println(sampler.Hello()) }\n",
		// New to the first one's cache: what the compile steps take is there, then, and exported.
		"stamp.go":  fmt.Sprintf("package main\n\nconst stamp = %d\n", time.Now().UnixNano()),
		"README.md": "one\n",
	}
	platforms := "linux/amd64,linux/arm64"
	build(t, first, request{dir: project(t, files), platforms: platforms,
		exports: []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": ref, "mode": "max"}}}})

	second := fresh(t)
	for _, step := range []struct {
		name, file, data string
		ran              []string
	}{
		{"nothing changed", "README.md", "one\n", []string{"[source] scan"}}, // whose result is not exported
		{"docs edited", "README.md", "two\n", nil},
		{"a go file edited", "main.go", strings.Replace(files["main.go"], "Hello()", "Hello() + \"!\"", 1), []string{
			"[cache linux/amd64] compile", "[cache linux/amd64] copy /usr/local/bin/cache", "[cache linux/amd64] image",
			"[cache linux/arm64] compile", "[cache linux/arm64] copy /usr/local/bin/cache", "[cache linux/arm64] image",
			"[source] narrow", "[source] scan",
		}},
	} {
		t.Run(step.name, func(t *testing.T) {
			files[step.file] = step.data
			dir := project(t, files)
			res := build(t, second, request{dir: dir, platforms: platforms})
			if ran := res.ran(); !slices.Equal(ran, step.ran) {
				t.Errorf("ran\n  %s\nwant\n  %s", strings.Join(ran, "\n  "), strings.Join(step.ran, "\n  "))
			}
			if len(step.ran) > 1 && strings.Count(res.logs, " from cache, 1 compiled, ") != 2 {
				t.Errorf("the compile steps did not start from the dependency layer:\n%s", res.logs)
			}
			imported := false
			for name := range res.vertices {
				imported = imported || strings.HasPrefix(name, "importing cache manifest from "+ref)
			}
			if !imported {
				t.Error("no cache was imported: the rest proves nothing")
			}
			sameOnBoth(t, res, "usr/local/bin/cache", dir, ".")
		})
	}
}

// TestSameSizeEdit changes an import without changing the size of the file, whose time is
// fixed in a compile step. The go command's index of packages would take the old file for
// the new one: without modules there is no index at all, with one there are those of the deps step.
func TestSameSizeEdit(t *testing.T) {
	k := kit(t)
	main := func(pkg string) string {
		return "package main\n\nimport \"example.com/cache/" + pkg + "\"\n\nfunc main() { println(" + pkg + ".Name) }\n"
	}
	for _, c := range []struct {
		name  string
		files map[string]string
	}{
		{"no module", map[string]string{"go.mod": module}},
		{"a module", map[string]string{"go.mod": requiring, "go.sum": sums, "module.go": "package main\n\nimport _ \"rsc.io/sampler\"\n"}},
		{"a replaced module", map[string]string{
			"go.mod": requiring + "\nrequire example.com/local v0.0.0\n\nreplace example.com/local => ./local\n", "go.sum": sums,
			"module.go":        "package main\n\nimport (\n\t_ \"example.com/local\"\n\t_ \"rsc.io/sampler\"\n)\n",
			"local/go.mod":     "module example.com/local\n\ngo 1.26\n",
			"local/one/one.go": "package one\n\nconst Name = \"the package a\"\n",
			"local/two/two.go": "package two\n\nconst Name = \"the package b\"\n",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := project(t, with(c.files, map[string]string{
				"Dockerfile": tiny["Dockerfile"],
				"a/a.go":     "package a\n\nconst Name = \"the package a\"\n",
				"b/b.go":     "package b\n\nconst Name = \"the package b\"\n",
			}))
			local := map[string]string{"a": "one", "b": "two"}
			for _, pkg := range []string{"a", "b", "a"} {
				write(t, filepath.Join(dir, "main.go"), main(pkg))
				if _, ok := c.files["local/go.mod"]; ok {
					write(t, filepath.Join(dir, "local/local.go"), "package local\n\nimport _ \"example.com/local/"+local[pkg]+"\"\n")
				}
				res := build(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}})
				if !bytes.Equal(res.data["cache"], goBuilt(t, dir, ".", "", "-ldflags=-s -w")) {
					t.Errorf("the binary is not the one that imports %s", pkg)
				}
			}
		})
	}
}

// TestManyAtOnce runs builds of different projects side by side on one cache. One of them waits for the module that it
// downloads until the others have ended.
func TestManyAtOnce(t *testing.T) {
	k := kit(t)
	stamp := fmt.Sprint(time.Now().UnixNano())
	slow := "example.com/slow" + stamp
	p := serveModules(t, map[string]string{slow + "@v1.0.0/p.go": "package slow\n", slow + "@v1.0.0/go.mod": "module " + slow + "\n"})
	var dirs []string
	const n = 20
	for i := range n {
		dirs = append(dirs, project(t, with(tiny, map[string]string{
			"go.mod":  requiring,
			"go.sum":  sums,
			"main.go": fmt.Sprintf("package main\n\nimport _ \"rsc.io/sampler\"\n\nfunc main() { println(\"project %d of %s\") }\n", i, stamp),
		})))
	}
	waits := project(t, map[string]string{
		"Dockerfile": p.spec(),
		"go.mod":     module,
		"main.go":    "package main\n\nimport _ \"" + slow + "\"\n\nfunc main() { println(\"" + stamp + "\") }\n",
	})
	p.run(t, waits, "mod", "tidy")
	asked, release := p.hold()

	results := make([]*result, n+1)
	run := func(i int, dir string) error {
		res, err := tryBuild(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}})
		if err != nil {
			return fmt.Errorf("%d: %w\n%s", i, err, res.logs)
		}
		results[i] = res
		return nil
	}
	var last, others errgroup.Group
	ended := make(chan struct{})
	last.Go(func() error { defer close(ended); return run(n, waits) })
	select {
	case <-asked:
	case <-ended:
		t.Fatal("it has asked for no module:", last.Wait())
	}
	for i, dir := range dirs {
		others.Go(func() error { return run(i, dir) })
	}
	if err := others.Wait(); err != nil {
		t.Error(err)
	}
	select {
	case <-ended:
		t.Error("the build that was to wait has not")
	default:
	}
	release()
	if err := last.Wait(); err != nil {
		t.Error(err)
	}
	if t.Failed() {
		return
	}
	want, said, err := p.goBuild(t, waits, ".", "linux/amd64")
	if err != nil || !bytes.Equal(results[n].data["cache"], want) {
		t.Errorf("the binary of the one that waited is not what go build makes: %v\n%s", err, said)
	}
	for i, dir := range dirs {
		if !bytes.Equal(results[i].data["cache"], goBuilt(t, dir, ".", "", "-ldflags=-s -w")) {
			t.Errorf("the binary of project %d is not what go build makes", i)
		}
	}
}
