package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
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
	b := &bench{options: options{app: dir, fleet: dir}, programs: map[string]*program{}}
	one := program{target: "a", mains: []string{"./cmd/a"}, uses: []string{"a"}, other: "cmd/b/main.go"}
	all := program{target: "binaries", mains: []string{"./cmd/a", "./cmd/b"}, uses: []string{"a", "b"}}
	for name, want := range map[string]program{app: one, stamped: one, fleet: all, fleetOne: one} {
		got, err := b.program(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		want.name, want.dir, want.spec, want.stamped = name, dir, "xbuild.yaml", name == stamped
		want.modules, want.imports, want.size = []string{"go.mod"}, []string{"embed", "os"}, got.size
		want.source, want.test, want.docs = "both/both.go", "one/one_test.go", "docs/guide.md"
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s is\n%+v\nwant\n%+v", name, *got, want)
		}
	}
}

// TestChanges holds that two changes of a kind differ, and that a workspace is itself again after each.
func TestChanges(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, files()); err != nil {
		t.Fatal(err)
	}
	b := &bench{options: options{app: dir}, programs: map[string]*program{}}
	p, err := b.program(t.Context(), stamped)
	if err != nil {
		t.Fatal(err)
	}
	w, err := contestants(nil, nil, "golang:1.26")[1].workspace(p, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	spec := read(t, w.dir, "xbuild.yaml")
	if !strings.Contains(spec, "{{.Version}}") {
		t.Errorf("the spec stamps nothing:\n%s", spec)
	}
	for name, file := range map[string]string{"editSource": p.source, "editTest": p.test, "editOther": p.other, "editDocs": p.docs} {
		edit := map[string]changer{"editSource": editSource, "editTest": editTest, "editOther": editOther, "editDocs": editDocs}[name]
		seen := []string{read(t, w.dir, file)}
		for range 2 {
			ch, err := edit(t.Context(), p, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.with(ch, func() (*sample, error) {
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

func TestDockerfiles(t *testing.T) {
	p := &program{modules: []string{"go.mod", "lib/go.mod"}, imports: []string{"fmt", "net/http"}, mains: []string{"./cmd/a", "./cmd/b"}}
	for _, c := range []struct {
		file    string
		stamped bool
		want    []string
	}{
		{"mounts.Dockerfile", false, []string{"COPY lib/go.mod lib/go.mod", "ARG TARGETOS TARGETARCH", `ENV GOFLAGS="'-ldflags=-s -w'"`, `    ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/", "./cmd/a","./cmd/b"]`}},
		{"mounts.Dockerfile", true, []string{"ARG TARGETOS TARGETARCH VERSION", `ENV GOFLAGS="'-ldflags=-s -w -X main.version=$VERSION'"`}},
		{"listed.Dockerfile", false, []string{`RUN ["go", "build", "-trimpath", "-buildvcs=false", "fmt","net/http"]`, `ENV GOFLAGS="'-ldflags=-s -w'"`}},
		{"listed.Dockerfile", true, []string{"ARG VERSION", `ENV GOFLAGS="'-ldflags=-s -w -X main.version=$VERSION'"`}},
	} {
		dir := t.TempDir()
		p.stamped = c.stamped
		if err := fill(c.file)(p, dir); err != nil {
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

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
