package lab

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// files are a program of two binaries. The package both is in both of them, one in one.
func files() map[string]string {
	return map[string]string{
		"go.mod":           "module example.com/p\n\ngo 1.26\n",
		"xbuild.yaml":      "# syntax=acme/xbuild\n",
		"docs/guide.md":    "# Guide\n",
		"cmd/a/main.go":    "package main\n\nimport (\n\t_ \"example.com/p/both\"\n\t_ \"example.com/p/one\"\n\t_ \"os\"\n)\n\nvar version string\n\nfunc main() { println(version) }\n",
		"cmd/b/main.go":    "package main\n\nimport _ \"example.com/p/both\"\n\nfunc main() {}\n",
		"both/both.go":     "package both\n\nimport _ \"embed\"\n",
		"one/one.go":       "package one\n",
		"one/one_test.go":  "package one\n",
		"unused/unused.go": "package unused\n\nimport _ \"net/http\"\n",
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, files()); err != nil {
		t.Fatal(err)
	}
	first := func(all []listed) []listed { return all[:1] }
	one := Program{Target: "a", Mains: []string{"./cmd/a"}, Uses: []string{"a"}, Other: "cmd/b/main.go"}
	all := Program{Target: "binaries", Mains: []string{"./cmd/a", "./cmd/b"}, Uses: []string{"a", "b"}}
	check := func(got *Program, want Program, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		want.Name, want.Dir, want.Spec, want.Platforms = "p", dir, "xbuild.yaml", Platforms()
		want.modules, want.imports, want.Size = []string{"go.mod"}, []string{"embed", "os"}, got.Size
		want.Source, want.Test, want.Docs = "both/both.go", "one/one_test.go", "docs/guide.md"
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("got\n%+v\nwant\n%+v", *got, want)
		}
	}
	got, err := load(t.Context(), "p", dir, first)
	check(got, one, err)
	got, err = Load(t.Context(), "p", dir)
	check(got, all, err)
	got, err = load(t.Context(), "p", dir, got.firstUse)
	check(got, one, err)
}

// TestChanges holds that two changes of a kind differ, and that a workspace is itself again after each.
func TestChanges(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, files()); err != nil {
		t.Fatal(err)
	}
	p, err := load(t.Context(), "p", dir, func(all []listed) []listed { return all[:1] })
	if err != nil {
		t.Fatal(err)
	}
	p.Stamped = true
	r, err := localkit.NewRegistry(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	w, err := contestants(&Lab{Registry: r})[XBuild].workspace(p, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	spec := read(t, w.dir, "xbuild.yaml")
	if want := r.Ref("bench/xbuild/p/cache") + ":seed"; !strings.Contains(spec, "{{.Version}}") || !strings.Contains(spec, want) {
		t.Errorf("the spec stamps nothing, or has no seed at %s:\n%s", want, spec)
	}
	for name, file := range map[string]string{"EditSource": p.Source, "EditTest": p.Test, "EditOther": p.Other, "EditDocs": p.Docs} {
		edit := map[string]Changer{"EditSource": EditSource, "EditTest": EditTest, "EditOther": EditOther, "EditDocs": EditDocs}[name]
		seen := []string{read(t, w.dir, file)}
		for range 2 {
			ch, err := edit(t.Context(), p, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.with(ch, func() (*Sample, error) {
				now := read(t, w.dir, file)
				if slices.Contains(seen, now) {
					t.Errorf("%s: %s is as it was", name, file)
				}
				seen = append(seen, now)
				return nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if read(t, w.dir, file) != seen[0] {
			t.Errorf("%s: %s was not restored", name, file)
		}
	}
}

// TestGenerated holds that gen's Dockerfile is built on the given toolchain, whatever the spec says of Go.
func TestGenerated(t *testing.T) {
	for _, spec := range []string{"# syntax=acme/xbuild\n", "# syntax=acme/xbuild\ngo: {version: \"1.26\"} # as go.mod\nname: p\n"} {
		files := files()
		files["xbuild.yaml"] = spec
		dir := t.TempDir()
		if err := write(dir, files); err != nil {
			t.Fatal(err)
		}
		p, err := Load(t.Context(), "p", dir)
		if err != nil {
			t.Fatal(err)
		}
		w, err := contestants(&Lab{Shell: "golang:shell"})[Generated].workspace(p, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, w.dir, "gen.Dockerfile"); !strings.Contains(got, "golang:shell") {
			t.Errorf("with %q the toolchain is not golang:shell:\n%s", spec, got)
		}
	}
}

func TestDockerfiles(t *testing.T) {
	p := &Program{modules: []string{"go.mod", "lib/go.mod"}, imports: []string{"fmt", "net/http"}, Mains: []string{"./cmd/a", "./cmd/b"}}
	for _, c := range []struct {
		file    string
		stamped bool
		want    []string
	}{
		{"mounts.Dockerfile", false, []string{"COPY lib/go.mod lib/go.mod", "ARG TARGETOS TARGETARCH", `ENV GOFLAGS="'-ldflags=-s -w'"`, `    ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/", "./cmd/a","./cmd/b"]`}},
		{"mounts.Dockerfile", true, []string{"ARG TARGETOS TARGETARCH VERSION", `ENV GOFLAGS="'-ldflags=-s -w -X main.version=$VERSION'"`}},
		{"listed.Dockerfile", false, []string{`RUN ["go", "build", "-trimpath", "-buildvcs=false", "fmt","net/http"]`, `ENV GOFLAGS="'-ldflags=-s -w'"`}},
		{"plain.Dockerfile", false, []string{`RUN ["go", "mod", "download"]`, `RUN ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/", "./cmd/a","./cmd/b"]`}},
		{"listed.Dockerfile", true, []string{"ARG VERSION", `ENV GOFLAGS="'-ldflags=-s -w -X main.version=$VERSION'"`}},
	} {
		dir := t.TempDir()
		p.Stamped = c.stamped
		if err := fill(c.file, crossFrom())(p, dir); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(read(t, dir, c.file), "\n")
		for _, want := range c.want {
			if !slices.Contains(lines, want) {
				t.Errorf("%s, stamped %t: no line %q in\n%s", c.file, c.stamped, want, strings.Join(lines, "\n"))
			}
		}
	}
}

func TestConfigure(t *testing.T) {
	p := &Program{Mains: []string{"./."}, Target: "tiny", Platforms: Platforms(), Stamped: true}
	for template, want := range map[string][]string{
		"ko.yaml": {"main: ./.", `ldflags: ["-s -w -X main.version={{.Env.VERSION}}"]`},
		"goreleaser.yaml": {"main: ./.", "binary: bin/{{.Os}}/{{.Arch}}/tiny", "targets: [linux_amd64, linux_arm64, ]",
			`ldflags: ["-s -w -X main.version={{.Env.VERSION}}"]`},
	} {
		dir := t.TempDir()
		if err := configure(template, "made.yaml")(p, dir); err != nil {
			t.Fatal(err)
		}
		text := read(t, dir, "made.yaml")
		for _, line := range want {
			if !strings.Contains(text, line+"\n") {
				t.Errorf("%s: no line ends in %q in\n%s", template, line, text)
			}
		}
	}
	p.Mains, p.Stamped = []string{"./cmd/a", "./cmd/b"}, false
	dir := t.TempDir()
	if err := configure("goreleaser.yaml", "made.yaml")(p, dir); err != nil {
		t.Fatal(err)
	}
	if text := read(t, dir, "made.yaml"); !strings.Contains(text, "/b\n") || strings.Contains(text, "VERSION") {
		t.Errorf("two binaries, not stamped:\n%s", text)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
