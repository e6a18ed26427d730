package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/moby/buildkit/solver/errdefs"
)

// TestMistakes gives each mistake's exact message, as the client gets it from the real
// frontend. Those that the spec alone shows have their own table in package spec.
func TestMistakes(t *testing.T) {
	k := kit(t)
	const head = "# syntax=acme/xbuild\n"
	for _, c := range []struct {
		name  string
		spec  string
		files map[string]string // over tiny; "" removes one
		attrs map[string]string
		want  []string // lines of the error, or of the step's log, that must be there
		lines []int32  // of the spec, shown by the client
	}{
		{name: "unknown key", spec: head + "name: tiny\nplatfroms: [linux/amd64]\n",
			want: []string{`Dockerfile:3:1: unknown key "platfroms" (did you mean "platforms"?) [unknown-key]`}, lines: []int32{3}},
		{name: "two mistakes at once", spec: head + "nmae: tiny\nplatforms: [linux/arm46]\n",
			want: []string{`Dockerfile:2:1: unknown key "nmae" (did you mean "name"?) [unknown-key]`, `Dockerfile:3:13: `}, lines: []int32{2, 3}},
		{name: "no such main package", spec: head + "binaries:\n  tiny: ./cmd/tiny\n",
			want: []string{`Dockerfile:3:9: binary "tiny": ./cmd/tiny holds no Go package; the main packages are . [no-main]`}, lines: []int32{3}},
		{name: "not a main package", spec: head + "binaries:\n  tiny: ./lib\n", files: map[string]string{"lib/lib.go": "package lib\n"},
			want: []string{`Dockerfile:3:9: binary "tiny": ./lib is not a main package for ` + native()}, lines: []int32{3}},
		{name: "no main package", spec: head, files: map[string]string{"main.go": "package lib\n"},
			want: []string{`Dockerfile: found no main package for ` + native() + ` in 1 directories with Go files of go.mod (example.com/tiny) [no-main]`}},
		{name: "no module", spec: head, files: map[string]string{"go.mod": ""},
			want: []string{`Dockerfile: found no main package because the build context holds no go.mod (is the context the module's directory?) [no-main]`}},
		{name: "broken go.mod", spec: head, files: map[string]string{"go.mod": "module example.com/tiny\n\nrequire (\n"},
			want: []string{`go.mod:`, `[bad-module]`}},
		{name: "unknown target", spec: head, attrs: map[string]string{"target": "tinny"},
			want: []string{"Dockerfile: no target \"tinny\" (did you mean \"tiny\"?) [unknown-target]\n  tiny: image with tiny\n  binaries: the bare binaries\n  dist: the binaries of all platforms in one folder, with SHA256SUMS\n  test: runs go test\n  vet: runs go vet\n  deps: compiles the dependencies only"}},
		{name: "several images and no default", spec: head, files: map[string]string{"cmd/a/main.go": "package main\nfunc main() {}\n", "cmd/b/main.go": "package main\nfunc main() {}\n", "main.go": ""},
			want: []string{"Dockerfile: several images and no default: name one with --target, or in the spec as default [no-target]\n  a: image with a\n  b: image with b\n  binaries: the bare binaries\n  dist: the binaries of all platforms in one folder, with SHA256SUMS\n  test: runs go test\n  vet: runs go vet\n  deps: compiles the dependencies only"}},
		{name: "platform that the project does not support", spec: head + "platforms: [linux/amd64]\n", attrs: map[string]string{"platform": "linux/s390x"},
			want: []string{`Dockerfile:2:12: the request asks for linux/s390x, which is not among platforms: linux/amd64 [platform-not-supported]`}, lines: []int32{2}},
		{name: "file that is not in the context", spec: head + "images:\n  tiny:\n    files: [{from: web, to: /web}]\n",
			want: []string{`"/web": not found`}, lines: []int32{4}},
		{name: "compile error", spec: head + "binaries:\n  tiny: .\n", files: map[string]string{"main.go": "package main\n\nfunc main() { undefined() }\n"},
			want: []string{`./main.go:3:15: undefined: undefined`}, lines: []int32{3}},
		{name: "missing go.sum entry", spec: head, files: map[string]string{"go.mod": module + "require rsc.io/sampler v1.3.0\n", "main.go": "package main\n\nimport _ \"rsc.io/sampler\"\n\nfunc main() {}\n"},
			want: []string{`main.go:3:8: missing go.sum entry for module providing package rsc.io/sampler`, `to add:`}},
		{name: "go.mod wants a newer Go than go.version", spec: head + "go:\n  version: \"1.25\"\n",
			want: []string{`Dockerfile:3:12: go.version is 1.25, but go.mod requires Go 1.26 [old-toolchain]`}, lines: []int32{3}},
		{name: "go.mod wants a newer Go than the image has", spec: head + "go:\n  image: golang:1.26-alpine\n", files: map[string]string{"go.mod": "module example.com/tiny\n\ngo 1.99\n"},
			want: []string{`Dockerfile:3:10: image golang:1.26-alpine has Go 1.26`, `but go.mod requires Go 1.99 [old-toolchain]`}, lines: []int32{3}},
		{name: "image that is not there", spec: head + "images:\n  tiny: {base: acme/nothing:1}\n",
			want: []string{`Dockerfile:3:16: cannot get image acme/nothing:1 for ` + native() + `: `, `[image-not-found]`}, lines: []int32{3}},
		{name: "base of another platform", spec: head + "images:\n  tiny: {base: acme/base:1}\n", attrs: map[string]string{"platform": "linux/s390x"},
			want: []string{`Dockerfile:3:16: cannot get image acme/base:1 for linux/s390x: `, `no match for platform`}, lines: []int32{3}},
		{name: "toolchain that is not there", spec: head + "go:\n  version: \"1.21.99\"\n", files: map[string]string{"go.mod": "module example.com/tiny\n\ngo 1.20\n"},
			want: []string{`Dockerfile:3:12: cannot get image golang:1.21.99-alpine for ` + native(), `[image-not-found]`}, lines: []int32{3}},
		{name: "binary data", spec: head + "\x00\x01\x02", want: []string{`[not-text]`}},
		{name: "subrequest that is not known", spec: head, attrs: map[string]string{"requestid": "frontend.nothing", "frontend.caps": "moby.buildkit.frontend.subrequests+forward"},
			want: []string{`xbuild does not answer nothing; it answers check, `}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := with(tiny, c.files)
			files["Dockerfile"] = c.spec
			for name, data := range files {
				if data == "" {
					delete(files, name)
				}
			}
			res, err := tryBuild(t, k, request{dir: project(t, files), attrs: c.attrs})
			if err == nil {
				t.Fatal("no error")
			}
			said := err.Error() + "\n" + res.logs
			for _, w := range c.want {
				if !strings.Contains(said, w) {
					t.Errorf("%q is not in\n%s", w, said)
				}
			}
			checkSources(t, err, c.lines)
		})
	}
}

// TestBadSpecs gives every bad spec of package spec to the real frontend: the client gets
// the same text.
func TestBadSpecs(t *testing.T) {
	k := kit(t)
	const dir = "../../spec/testdata/bad"
	specs, err := filepath.Glob(dir + "/*.yaml")
	if err != nil || len(specs) < 30 {
		t.Fatalf("%d bad specs, %v", len(specs), err)
	}
	for _, file := range specs {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			want, err := os.ReadFile(strings.TrimSuffix(file, ".yaml") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// Through the gateway, since not every bad spec has a syntax line.
			_, err = tryBuild(t, k, request{dir: project(t, map[string]string{filepath.Base(file): string(data)}), file: filepath.Base(file),
				frontend: "gateway.v0", attrs: map[string]string{"source": localkit.Frontend}})
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(string(want))) {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
		})
	}
	for name, data := range map[string]string{
		"1 MB of garbage": strings.Repeat("garbage ", 125_000),
		"over 1 MiB":      strings.Repeat("# comment\n", 110_000),
	} {
		_, err := tryBuild(t, k, request{dir: project(t, map[string]string{"Dockerfile": data}), frontend: "gateway.v0", attrs: map[string]string{"source": localkit.Frontend}})
		if err == nil || !strings.Contains(err.Error(), "Dockerfile:1:1: ") || len(err.Error()) > 1000 {
			t.Errorf("%s gives %.1000v", name, err)
		}
	}
}

// checkSources compares the lines of the spec that the client shows with the error.
func checkSources(t *testing.T, err error, want []int32) {
	t.Helper()
	found := map[int32]bool{}
	for _, s := range errdefs.Sources(err) {
		for _, r := range s.Ranges {
			found[r.Start.Line] = true
		}
		var shown bytes.Buffer
		if err := s.Print(&shown); err != nil || !strings.Contains(shown.String(), ">>>") {
			t.Errorf("the client cannot show it: %v %s", err, shown.String())
		}
	}
	for _, line := range want {
		if !found[line] {
			t.Errorf("line %d of the spec is not shown, only %v", line, found)
		}
	}
}

// TestUnreachableCache builds although the cache that the spec names cannot be read.
func TestUnreachableCache(t *testing.T) {
	k := kit(t)
	spec := "# syntax=acme/xbuild\ncache:\n  registry: " + k.Registry.Ref("test/no-such-cache:1") + "\n"
	res := build(t, k, request{dir: project(t, with(tiny, map[string]string{"Dockerfile": spec}))})
	found := false
	for name, vs := range res.vertices {
		if strings.HasPrefix(name, "importing cache manifest") && strings.Contains(name, "no-such-cache") {
			found = found || vs[0].Error != ""
		}
	}
	if !found {
		t.Error("nothing says that the cache could not be read")
	}
}
