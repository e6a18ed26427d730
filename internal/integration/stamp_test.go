package integration

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
)

// sampled is a project with a module from outside, and a variable to stamp.
var sampled = map[string]string{
	"Dockerfile": "# syntax=acme/xbuild\nbuild:\n  ldflags: ['-X main.version={{.Version}}']\n",
	"go.mod":     requiring,
	"go.sum":     sums,
	"main.go":    "package main\n\nimport \"rsc.io/sampler\"\n\nvar version string\n\nfunc main() { println(version, sampler.Hello()) }\n",
}

// TestStampRuns has the steps that a new version runs, on the builder that has built before and on one
// that has not: the link, and no compile.
func TestStampRuns(t *testing.T) {
	t.Parallel()
	k, second := kit(t), fresh(t)
	ref := k.Registry.Ref("test/stamp:1")
	now := fmt.Sprint(time.Now().UnixNano()) // new to the shared daemon's cache
	dir := project(t, sampled)
	link := []string{"[cache linux/amd64] copy /cache", "[cache linux/amd64] link"}
	for _, c := range []struct {
		name, version string
		request       request
		fresh         bool
	}{
		{"first", "v1.0.0-" + now, request{exports: []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": ref, "mode": "max"}}}}, false},
		{"another version", "v1.0.1-" + now, request{}, false},
		{"another version on a fresh builder", "v1.0.2-" + now, request{imports: []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": ref}}}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, on := c.request, k
			if c.fresh {
				on = second
			}
			r.dir, r.platforms, r.attrs = dir, "linux/amd64", map[string]string{"target": "binaries", "build-arg:VERSION": c.version}
			res := build(t, on, r)
			if !bytes.Equal(res.data["cache"], goBuilt(t, dir, ".", "", "-ldflags=-s -w -X main.version="+c.version)) {
				t.Error("the binary is not what go build makes")
			}
			ran := slices.DeleteFunc(res.ran(), func(s string) bool { return strings.HasPrefix(s, "[source] ") })
			if c.name != "first" && !slices.Equal(ran, link) {
				t.Errorf("ran\n  %s\nwant\n  %s", strings.Join(ran, "\n  "), strings.Join(link, "\n  "))
			}
		})
	}
}

// TestPlainCaches builds without exported dependency layers.
func TestPlainCaches(t *testing.T) {
	dir := project(t, with(sampled, map[string]string{"Dockerfile": "# syntax=acme/xbuild\ncache: {deps: false}\n"}))
	res := build(t, kit(t), request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries"}})
	if !bytes.Equal(res.data["cache"], goBuilt(t, dir, ".", "", "-ldflags=-s -w")) {
		t.Error("the binary is not what go build makes")
	}
	if len(res.vertices["[std linux/amd64] compile"]) > 0 || len(res.vertices["[deps linux/amd64] download"]) != 1 {
		t.Errorf("the steps are %v", sortedNames(res.vertices))
	}
}
