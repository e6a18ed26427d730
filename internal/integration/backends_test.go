package integration

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/frontend"
	"github.com/acme/xbuild/internal/localkit"
	"github.com/moby/buildkit/client"
	gw "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
)

// greeter is a program that needs a module, in a context of its own.
type greeter struct {
	dir   string
	proxy *proxy
}

// newGreeter gives a program that no daemon has seen yet.
func newGreeter(t *testing.T) greeter {
	t.Helper()
	g := greeter{proxy: serveModules(t, archive(t, "modules"))}
	g.dir = project(t, map[string]string{
		"go.mod":    fmt.Sprintf("module example.com/greeter%d\n\ngo 1.26\n", time.Now().UnixNano()),
		"main.go":   "package main\n\nimport \"example.com/greet\"\n\nfunc main() { println(word, greet.Hello()) }\n",
		"README.md": "one\n",
	})
	g.label(t, "one")
	g.edit(t, "one")
	g.proxy.run(t, g.dir, "mod", "tidy")
	return g
}

// edit changes the program's own code.
func (g greeter) edit(t *testing.T, word string) {
	t.Helper()
	write(t, filepath.Join(g.dir, "word.go"), "package main\n\nconst word = \""+word+"\"\n")
}

// label changes what is said of the image.
func (g greeter) label(t *testing.T, value string) {
	t.Helper()
	write(t, filepath.Join(g.dir, "Dockerfile"), g.proxy.spec()+"name: greeter\nimages:\n  greeter:\n    labels: {release: "+value+"}\n")
}

// check holds the exported binaries against those of go build outside, and fails when a
// step ran again that an edit shares with the builds before.
func (g greeter) check(t *testing.T, res *result, platforms string) {
	t.Helper()
	g.same(t, res, platforms)
	res.findsShared(t)
}

func (g greeter) same(t *testing.T, res *result, platforms string) {
	t.Helper()
	list := strings.Split(platforms, ",")
	for _, platform := range list {
		name := "usr/local/bin/greeter"
		if len(list) > 1 {
			name = strings.ReplaceAll(platform, "/", "_") + "/" + name
		}
		want, said, err := g.proxy.goBuild(t, g.dir, ".", platform)
		if err != nil {
			t.Fatalf("go build: %v\n%s", err, said)
		}
		if !bytes.Equal(res.data[name], want) {
			t.Errorf("%s has %d bytes, go build makes other %d", name, len(res.data[name]), len(want))
		}
	}
}

// TestErosion exports a cache to a reference, imports it where only what is no code was
// changed, exports it again to the same reference, and edits code on a third machine: the
// second export must not have lost what its builds did not need.
func TestErosion(t *testing.T) {
	t.Parallel()
	const platforms = "linux/amd64,linux/arm64"
	first := kit(t)
	g := newGreeter(t)
	cache := registryCache(first.Registry.Ref("test/erosion:1"))
	g.same(t, build(t, first, request{dir: g.dir, platforms: platforms, exports: cache}), platforms)
	g.proxy.Close()

	g.label(t, "two")
	write(t, filepath.Join(g.dir, "README.md"), "two\n")
	res := build(t, fresh(t), request{dir: g.dir, platforms: platforms, imports: cache, exports: cache})
	g.check(t, res, platforms)
	if res.executed("[greeter linux/amd64] compile") {
		t.Errorf("docs and a label are compiled: ran %v", res.ran())
	}

	g.edit(t, "two")
	res = build(t, fresh(t), request{dir: g.dir, platforms: platforms, imports: cache})
	g.check(t, res, platforms)
	if !res.executed("[greeter linux/amd64] compile") {
		t.Errorf("nothing is compiled: ran %v", res.ran())
	}
}

// TestLocalCache carries the cache to a fresh machine in a folder.
func TestLocalCache(t *testing.T) {
	t.Parallel()
	const platform = "linux/amd64"
	g, dir := newGreeter(t), t.TempDir()
	build(t, kit(t), request{dir: g.dir, platforms: platform,
		exports: []client.CacheOptionsEntry{{Type: "local", Attrs: map[string]string{"dest": dir, "mode": "max"}}}})
	g.proxy.Close()

	g.edit(t, "two")
	res := build(t, fresh(t), request{dir: g.dir, platforms: platform,
		imports: []client.CacheOptionsEntry{{Type: "local", Attrs: map[string]string{"src": dir}}}})
	g.check(t, res, platform)
	if !res.executed("[greeter linux/amd64] compile") {
		t.Errorf("nothing is compiled: ran %v", res.ran())
	}
}

// inlineCache shows what a cache in the image itself is good for on a daemon that has seen
// nothing else: unchanged code is not compiled; but it holds no more than the image's layers, so
// that an edit takes all steps before.
func inlineCache(t *testing.T, k *localkit.Kit) {
	const platform, image = "linux/amd64", "test/inline:1"
	g := newGreeter(t)
	build(t, kit(t), request{dir: g.dir, platforms: platform, push: image, exports: []client.CacheOptionsEntry{{Type: "inline"}}})
	imports := []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": k.Registry.Ref(image)}}}

	write(t, filepath.Join(g.dir, "README.md"), "two\n")
	g.check(t, build(t, k, request{dir: g.dir, platforms: platform, imports: imports}), platform)

	g.edit(t, "two")
	res := build(t, k, request{dir: g.dir, platforms: platform, imports: imports})
	g.same(t, res, platform)
	if !res.executed("[deps linux/amd64] compile") {
		t.Error("a cache in the image holds dependencies: say so in the README")
	}
}

// recorder notes the cache imports of every solve that runs a step, and does without them.
type recorder struct {
	gw.Client

	mu      sync.Mutex
	imports [][]gw.CacheOptionsEntry
}

func (r *recorder) Solve(ctx context.Context, req gw.SolveRequest) (*gw.Result, error) {
	runs := false
	for _, data := range req.Definition.GetDef() {
		var op pb.Op
		if err := op.Unmarshal(data); err != nil {
			return nil, err
		}
		runs = runs || op.GetExec() != nil
	}
	if runs {
		r.mu.Lock()
		r.imports = append(r.imports, req.CacheImports)
		r.mu.Unlock()
	}
	req.CacheImports = nil
	return r.Client.Solve(ctx, req)
}

// TestCacheImports hands the client's cache imports to the daemon as they are, of whatever type,
// and then the spec's own. The caches themselves are not asked.
func TestCacheImports(t *testing.T) {
	r := without(t, request{
		dir: project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\ndefault: tiny\ncache: {registry: registry.example.com/tiny:cache}\n"})),
		imports: []client.CacheOptionsEntry{
			{Type: "gha", Attrs: map[string]string{"scope": "main", "url": "https://gha.example.com/", "token": "a, b=c"}},
			{Type: "s3", Attrs: map[string]string{"region": "eu-west-1", "bucket": "cache", "name": "tiny"}},
			{Type: "azblob", Attrs: map[string]string{"account_url": "https://account.blob.example.com", "name": "tiny"}},
			{Type: "some-other", Attrs: map[string]string{"any": "attribute"}},
		},
	})
	var want []gw.CacheOptionsEntry
	for _, i := range r.imports {
		want = append(want, gw.CacheOptionsEntry{Type: i.Type, Attrs: i.Attrs})
	}
	for _, ref := range []string{"registry.example.com/tiny:cache-tiny", "registry.example.com/tiny:cache"} {
		want = append(want, gw.CacheOptionsEntry{Type: "registry", Attrs: map[string]string{"ref": ref}})
	}
	rec := &recorder{}
	r.gateway = func(ctx context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
		opt.Frontend = ""
		return c.Build(ctx, opt, "xbuild-test", func(ctx context.Context, c gw.Client) (*gw.Result, error) {
			rec.Client = c
			return frontend.Build(ctx, rec)
		}, ch)
	}
	build(t, kit(t), r)
	if len(rec.imports) < 2 {
		t.Errorf("%d solves run steps, want the scan and the image at least", len(rec.imports))
	}
	for _, got := range rec.imports {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("a solve imports\n%v\nwant\n%v", got, want)
		}
	}
}
