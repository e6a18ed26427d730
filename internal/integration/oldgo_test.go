package integration

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
)

// TestOldToolchain builds with a real Go that knows no build cache protocol, on a machine and on
// one that has only the registry cache of that: the dependencies are compiled once, and the
// binaries are those of that Go.
func TestOldToolchain(t *testing.T) {
	t.Parallel()
	const version = "1.23.12"
	if err := kit(t).PublishToolchain(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	first := fresh(t)
	ref := first.Registry.Ref("test/oldgo:1")
	files := map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ncache: {registry: \"" + ref + "\"}\n",
		"go.mod":     strings.Replace(module, "go 1.26", "go "+version, 1) + "require rsc.io/sampler v1.3.0\n\nrequire golang.org/x/text v0.0.0-20170915032832-14c0d48ead0c // indirect\n",
		"go.sum":     sums,
		"main.go":    "package main\n\nimport \"rsc.io/sampler\"\n\nfunc main() { println(sampler.Hello()) }\n",
	}
	check := func(res *result, dir string) {
		t.Helper()
		want := goBuilt(t, dir, ".", "GOTOOLCHAIN=go"+version, "-ldflags=-s -w")
		if got := res.data["usr/local/bin/cache"]; !bytes.Equal(got, want) {
			t.Errorf("%d bytes are not the %d that Go %s builds", len(got), len(want), version)
		}
	}
	dir := project(t, files)
	check(build(t, first, request{dir: dir, platforms: "linux/amd64",
		exports: []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": ref, "mode": "max"}}}}), dir)

	files["main.go"] = strings.Replace(files["main.go"], "Hello()", "Hello() + \"!\"", 1)
	dir = project(t, files)
	res := build(t, fresh(t), request{dir: dir, platforms: "linux/amd64"})
	check(res, dir)
	want := []string{"[cache linux/amd64] compile", "[cache linux/amd64] copy /usr/local/bin/cache", "[cache linux/amd64] image", "[source] narrow", "[source] scan"}
	if ran := res.ran(); !slices.Equal(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
}
