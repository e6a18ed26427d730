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
)

// TestReplacedOutside builds a module that replaces two others by directories which are not in
// the build context: the client gives them as contexts of their own.
func TestReplacedOutside(t *testing.T) {
	k := kit(t)
	root := project(t, map[string]string{
		"group/app/Dockerfile":  "# syntax=acme/xbuild\n",
		"group/app/go.mod":      "module example.com/app\n\ngo 1.26\n\nrequire (\n\texample.com/lib v0.0.0\n\texample.com/far v0.0.0\n)\n\nreplace (\n\texample.com/lib => ../lib\n\texample.com/far v0.0.0 => ../../far\n)\n",
		"group/app/main.go":     "package main\n\nimport \"example.com/lib\"\n\nfunc main() { println(lib.Text()) }\n",
		"group/app/app_test.go": "package main\n\nimport (\n\t\"testing\"\n\n\t\"example.com/lib\"\n)\n\nfunc TestText(t *testing.T) {\n\tif lib.Text() != \"far\" {\n\t\tt.Error(lib.Text())\n\t}\n}\n",
		"group/lib/go.mod":      "module example.com/lib\n\ngo 1.26\n\nrequire example.com/far v0.0.0\n",
		"group/lib/lib.go":      "package lib\n\nimport \"example.com/far\"\n\nfunc Text() string { return far.Text }\n",
		"far/go.mod":            "module example.com/far\n\ngo 1.26\n",
		"far/far.go":            "package far\n\nconst Text = \"far\"\n",
	})
	app := filepath.Join(root, "group/app")
	out := filepath.Join(t.TempDir(), "out")
	buildx := func(args ...string) (string, error) {
		cmd := k.Buildx(t.Context(), append(append([]string{"build", "--progress=plain", "--platform", "linux/amd64", "--output", "type=local,dest=" + out}, args...), app)...)
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	lib, far := "--build-context=example.com/lib="+filepath.Join(root, "group/lib"), "--build-context=example.com/far="+filepath.Join(root, "far")
	if said, err := buildx(lib); err == nil || !strings.Contains(said, "module example.com/far is replaced by a directory outside of the build context: give it with --build-context example.com/far=DIR [missing-context]") {
		t.Errorf("without one of them: %v\n%s", err, said)
	}
	if said, err := buildx(lib, far, "--target", "test"); err != nil {
		t.Errorf("test: %v\n%s", err, said)
	}
	if said, err := buildx(lib, far, "--target", "binaries"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	got, err := os.ReadFile(filepath.Join(out, "app"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, goBuilt(t, app, ".", "", "-ldflags=-s -w")) {
		t.Error("the binary is not what go build makes")
	}
}

// TestOutsideNarrowed edits a module that is not in the build context: of its directory, too, just what go build reads is
// sent, and it is compiled as the program's own.
func TestOutsideNarrowed(t *testing.T) {
	k := kit(t)
	stamp := fmt.Sprint(time.Now().UnixNano()) // new to the shared daemon's cache
	root := project(t, map[string]string{
		"app/Dockerfile":    "# syntax=acme/xbuild\n",
		"app/go.mod":        requiring + "\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
		"app/go.sum":        sums,
		"app/main.go":       "package main\n\nimport \"example.com/lib\"\n\nfunc main() { println(lib.Text, lib.Word) }\n",
		"lib/go.mod":        "module example.com/lib\n\ngo 1.26\n\nrequire rsc.io/sampler v1.3.0\n",
		"lib/lib.go":        "package lib\n\nimport (\n\t_ \"embed\"\n\n\t_ \"rsc.io/sampler\"\n)\n\n//go:embed data\nvar Text string\n",
		"lib/word.go":       "package lib\n\nconst Word = \"" + stamp + "\"\n",
		"lib/data":          "one\n",
		"lib/README.md":     "one\n",
		"lib/.dockerignore": "ignored.go\n",
		"lib/ignored.go":    "package mistake\n",
	})
	const gigabyte, megabyte = 1 << 30, 1 << 20
	lib := filepath.Join(root, "lib")
	for _, name := range []string{"film.mp4", "film_test.go"} {
		write(t, filepath.Join(lib, name), "")
		if err := os.Truncate(filepath.Join(lib, name), gigabyte); err != nil {
			t.Fatal(err)
		}
	}
	app := filepath.Join(root, "app")
	r := request{dir: app, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries", "context:example.com/lib": "local:lib"},
		locals: map[string]string{"lib": lib}}
	if n := sent(t, r); n > megabyte {
		t.Errorf("%d bytes are sent", n)
	}
	for _, name := range []string{"ignored.go", "film_test.go"} { // which go build outside would read
		if err := os.Remove(filepath.Join(lib, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []struct {
		name, file, data string
		compiles         bool
	}{
		{"docs", "README.md", "two\n", false},
		{"a test", "lib_test.go", "package lib\n", false},
		{"another system's file", "lib_windows.go", "package lib\n\nconst windows = true\n", false},
		{"a package that nobody imports", "unused/unused.go", "package unused\n", false},
		{"what is embedded", "data", "two " + stamp + "\n", true},
		{"code", "word.go", "package lib\n\nconst Word = \"two " + stamp + "\"\n", true},
	} {
		t.Run(e.name, func(t *testing.T) {
			write(t, filepath.Join(lib, e.file), e.data)
			res := build(t, k, r)
			var want []string
			if e.compiles {
				want = []string{"[cache linux/amd64] compile"}
			}
			if ran := slices.DeleteFunc(res.goSteps(), func(s string) bool { return strings.HasPrefix(s, "[context ") }); !slices.Equal(ran, want) {
				t.Errorf("ran %q, want %q", ran, want)
			}
			if !bytes.Equal(res.data["cache"], goBuilt(t, app, ".", "", "-ldflags=-s -w")) {
				t.Error("the binary is not what go build makes")
			}
		})
	}
}

// TestOutsideRemote takes such a module from a git repository, which arrives whole: a change of its docs compiles nothing.
func TestOutsideRemote(t *testing.T) {
	k := kit(t)
	stamp := fmt.Sprint(time.Now().UnixNano()) // new to the shared daemon's cache
	app := project(t, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\n",
		"go.mod":     module + "require example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
		"main.go":    "package main\n\nimport \"example.com/lib\"\n\nfunc main() { println(lib.Text) }\n",
	})
	url, publish := serveGit(t)
	r := request{dir: app, platforms: "linux/amd64", attrs: map[string]string{"target": "binaries", "context:example.com/lib": url}}
	lib := map[string]string{
		"go.mod": "module example.com/lib\n\ngo 1.26\n", "data": stamp,
		"lib.go": "package lib\n\nimport _ \"embed\"\n\n//go:embed data\nvar Text string\n",
	}
	for _, readme := range []string{"one\n", "two\n"} {
		lib["README.md"] = readme
		publish(lib)
		res := build(t, k, r)
		if got := res.executed("[cache linux/amd64] compile"); got != (readme == "one\n") {
			t.Errorf("compiled: %v; ran %q", got, res.ran())
		}
		if !strings.Contains(string(res.data["cache"]), stamp) {
			t.Error("the binary is not that of the module")
		}
	}
}
