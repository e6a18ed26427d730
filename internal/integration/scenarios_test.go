package integration

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/progress"
	"github.com/moby/buildkit/client"
)

// commands is a module with three programs: a and b share the package x, c is stamped, and all take
// a package of a module from a proxy.
type commands struct {
	dir   string
	base  string // of the module's packages
	proxy *proxy
	names []string // of the programs
}

const commandPlatforms = "linux/amd64,linux/arm64"

func newCommands(t *testing.T) commands {
	t.Helper()
	base := fmt.Sprintf("example.com/c%d", time.Now().UnixNano()) // new to the shared daemon's caches
	at := base + "@v1.0.0/"
	files := map[string]string{at + "go.mod": "module " + base + "\n\ngo 1.21\n"}
	for _, pkg := range []string{"one", "two"} {
		files[at+pkg+"/p.go"] = "package " + pkg + "\n\nfunc Name() string { return \"" + pkg + "\" }\n"
	}
	c := commands{base: base, proxy: serveModules(t, files), names: []string{"a", "b", "c"}}
	c.dir = project(t, map[string]string{
		"Dockerfile": c.proxy.spec() + "binaries:\n  a: {main: ./cmd/a}\n  b: {main: ./cmd/b}\n" +
			"  c: {main: ./cmd/c, ldflags: ['-X main.version={{.Version}}']}\n",
		"go.mod":     "module example.com/own/commands\n\ngo 1.26\n",
		"x/x.go":     "package x\n\nfunc Name() string { return \"x\" }\n",
		"cmd/c/c.go": "package main\n\nimport \"" + base + "/one\"\n\nvar version string\n\nfunc main() { println(one.Name(), version) }\n",
	})
	for _, name := range c.names[:2] {
		c.shared(t, name, "one")
	}
	c.proxy.run(t, c.dir, "get", base+"@v1.0.0")
	c.proxy.run(t, c.dir, "mod", "tidy")
	return c
}

// shared writes a program that takes x and some packages of the module.
func (c commands) shared(t *testing.T, name string, packages ...string) {
	t.Helper()
	imports, calls := "import \"example.com/own/commands/x\"\n", "x.Name()"
	for _, pkg := range packages {
		imports += "import \"" + c.base + "/" + pkg + "\"\n"
		calls += ", " + pkg + ".Name()"
	}
	write(t, filepath.Join(c.dir, "cmd", name, "main.go"), "package main\n\n"+imports+"\nfunc main() { println(\""+name+"\", "+calls+") }\n")
}

const commandVersion = "v1.0.0"

// request asks for all programs.
func (c commands) request(platforms, version string) request {
	return request{dir: c.dir, platforms: platforms, attrs: map[string]string{"target": "binaries", "build-arg:VERSION": version}}
}

// same holds all programs against those of go build outside.
func (c commands) same(t *testing.T, res *result, platforms, version string) {
	t.Helper()
	list := strings.Split(platforms, ",")
	for _, platform := range list {
		for _, name := range c.names {
			file := name
			if len(list) > 1 {
				file = strings.ReplaceAll(platform, "/", "_") + "/" + name
			}
			flags := "-ldflags=-s -w"
			if name == "c" {
				flags += " -X main.version=" + version
			}
			want, said, err := c.proxy.goBuild(t, c.dir, "./cmd/"+name, platform, flags)
			if err != nil {
				t.Fatalf("go build: %v\n%s", err, said)
			}
			if !bytes.Equal(res.data[file], want) {
				t.Errorf("%s has %d bytes, go build makes other %d", file, len(res.data[file]), len(want))
			}
		}
	}
}

// goSteps are the steps that were executed, without those that read the source and those that put results together.
func (r *result) goSteps() []string {
	return slices.DeleteFunc(r.ran(), func(s string) bool {
		return strings.HasPrefix(s, "[source] ") || strings.Contains(s, "] copy ") || strings.HasSuffix(s, "] image")
	})
}

// cachedSteps are the steps whose results were found, and not made.
func (r *result) cachedSteps() (names []string) {
	for name, vs := range r.vertices {
		if !progress.Service(name) && slices.ContainsFunc(vs, func(v *progress.Vertex) bool { return v.State == progress.Cached }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// onBoth names a step of each program on both platforms.
func onBoth(step string, programs ...string) (out []string) {
	for _, name := range programs {
		for platform := range strings.SplitSeq(commandPlatforms, ",") {
			out = append(out, "["+name+" "+platform+"] "+step)
		}
	}
	return out
}

// TestFreshEdits makes each change on a machine of its own, which has nothing but the registry cache: only the
// programs whose closure holds it are compiled, and nothing of what they share.
func TestFreshEdits(t *testing.T) {
	t.Parallel()
	first := kit(t)
	c := newCommands(t)
	cache := registryCache(first.Registry.Ref("test/edits:1"))
	r := c.request(commandPlatforms, commandVersion)
	r.exports = cache
	c.same(t, build(t, first, r), commandPlatforms, commandVersion)
	c.proxy.Close() // what is not in the cache can't be had
	shared := append(onBoth("compile", "std", "deps"), "[toolchain] prune")
	for _, e := range []struct {
		name    string
		files   map[string]string
		version string
		ran     []string
	}{
		{"what no program reads", map[string]string{
			"README.md":        "edited\n",
			"x/x_test.go":      "package x\n\nimport \"testing\"\n\nfunc TestName(t *testing.T) {}\n",
			"x/x_windows.go":   "package x\n\nconst windows = true\n",
			"cmd/other/o.go":   "package main\n\nfunc main() {}\n",
			"unused/unused.go": "package unused\n",
		}, commandVersion, nil},
		{"docs, and another commit is stamped", map[string]string{"README.md": "again\n"}, "v1.0.1", onBoth("link", "c")},
		{"a package of two programs", map[string]string{"x/x.go": "package x\n\nfunc Name() string { return \"edited\" }\n"},
			commandVersion, onBoth("compile", "a", "b")},
	} {
		t.Run(e.name, func(t *testing.T) {
			for file, data := range e.files {
				write(t, filepath.Join(c.dir, file), data)
			}
			r := c.request(commandPlatforms, e.version)
			r.imports = cache
			res := build(t, fresh(t), r)
			c.same(t, res, commandPlatforms, e.version)
			if ran := res.goSteps(); !slices.Equal(ran, e.ran) {
				t.Errorf("ran\n  %s\nwant\n  %s", strings.Join(ran, "\n  "), strings.Join(e.ran, "\n  "))
			}
			found := res.cachedSteps()
			for _, s := range shared {
				if len(e.ran) > 0 && !slices.Contains(found, s) {
					t.Errorf("%s was not found in the cache, which has %q", s, found)
				}
			}
		})
	}
}

// TestImportAdded imports, on a warm machine, one more package of a module that is required already: it alone is
// compiled, from a module that an earlier build has pruned to what it took.
func TestImportAdded(t *testing.T) {
	t.Parallel()
	k := kit(t)
	c := newCommands(t)
	c.same(t, build(t, k, c.request(commandPlatforms, commandVersion)), commandPlatforms, commandVersion)
	c.shared(t, "a", "one", "two")
	res := build(t, k, c.request(commandPlatforms, commandVersion))
	c.same(t, res, commandPlatforms, commandVersion)
	for _, line := range res.depsRan() {
		if !strings.HasSuffix(line, ", 1") {
			t.Errorf("%s compiled", line)
		}
	}
	if n := len(res.depsRan()); n != 2 || res.executed("[std ") {
		t.Errorf("%d deps steps compiled; ran %v", n, res.ran())
	}
}

// TestOneMoreTarget builds for a second platform too: nothing is made again for the first.
func TestOneMoreTarget(t *testing.T) {
	t.Parallel()
	k := kit(t)
	c := newCommands(t)
	c.same(t, build(t, k, c.request("linux/amd64", commandVersion)), "linux/amd64", commandVersion)
	res := build(t, k, c.request(commandPlatforms, commandVersion))
	c.same(t, res, commandPlatforms, commandVersion)
	for _, s := range res.goSteps() {
		if !strings.Contains(s, "linux/arm64]") {
			t.Errorf("%s ran again", s)
		}
	}
	if !res.executed("[a linux/arm64] compile") || !slices.Contains(res.cachedSteps(), "[a linux/amd64] compile") {
		t.Errorf("ran %q, found %q", res.ran(), res.cachedSteps())
	}
}

// TestKilledDownload ends a build that has half of a module: the next one begins anew.
func TestKilledDownload(t *testing.T) {
	t.Parallel()
	k := kit(t)
	c := newCommands(t)
	asked, release := c.proxy.hold()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		select {
		case <-asked:
			cancel()
		case <-ctx.Done():
		}
	}()
	r := c.request("linux/amd64", commandVersion)
	r.gateway = func(_ context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
		return c.Solve(ctx, nil, opt, ch)
	}
	if res, err := tryBuild(t, k, r); err == nil || ctx.Err() == nil {
		t.Errorf("it was not killed: %v\n%s", err, res.logs)
	}
	release()
	c.same(t, build(t, k, c.request("linux/amd64", commandVersion)), "linux/amd64", commandVersion)
}
