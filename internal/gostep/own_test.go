package gostep_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/scan"
)

// ownProject writes a project of two modules, with three programs, that no store knows.
func ownProject(t *testing.T) string {
	t.Helper()
	src := t.TempDir()
	name := fmt.Sprintf("example.com/p%d", time.Now().UnixNano())
	program := "package main\n\nimport \"" + name + "/shared\"\n\nfunc main() { shared.Do() }\n"
	for file, data := range map[string]string{
		"go.mod":             "module " + name + "\n\ngo 1.23\n",
		"cmd/a/main.go":      program,
		"cmd/b/main.go":      program,
		"shared/shared.go":   "package shared\n\nfunc Do() {}\n",
		"README.md":          "text\n",
		"other/go.mod":       "module " + name + "/other\n\ngo 1.23\n",
		"other/main.go":      "package main\n\nfunc main() {}\n",
		"other/main_test.go": "package main\n",
	} {
		writeFile(t, filepath.Join(src, filepath.FromSlash(file)), data)
	}
	return src
}

// edit adds a line to a file.
func edit(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, string(data)+"\nvar edited = 1\n")
}

// narrowProject runs the narrow command on the project and gives what it says of the builds, if it does.
func narrowProject(t *testing.T, src, goos string, options ...string) (n gostep.Narrowed, ok bool) {
	t.Helper()
	target := scan.Target{GOOS: goos, GOARCH: runtime.GOARCH}
	builds, err := json.Marshal([]scan.Build{
		{ID: "a", Set: "s", Main: "cmd/a", Module: ".", Target: target},
		{ID: "b", Set: "s", Main: "cmd/b", Module: ".", Target: target},
		{ID: "o", Set: "s", Main: "other", Module: "other", Target: target},
	})
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	args := append(append([]string{"narrow"}, options...), src, out, string(builds))
	if code, said := step(t, t.TempDir(), args...); code != 0 || said != "" {
		t.Fatalf("exit code %d: %s", code, said)
	}
	data, err := os.ReadFile(filepath.Join(out, gostep.NarrowedFile))
	if err != nil {
		return n, false
	}
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return n, true
}

// TestNarrowed holds what a builder says of a source: when it is another one, and what it has compiled lately.
func TestNarrowed(t *testing.T) {
	environment(t)
	src := ownProject(t)
	if _, ok := narrowProject(t, src, runtime.GOOS); ok {
		t.Error("it says something where nothing asks")
	}
	narrowed := func(goos string) gostep.Narrowed {
		t.Helper()
		n, ok := narrowProject(t, src, goos, "-store", store)
		if !ok || n.State == "" || len(n.Builds) != 3 {
			t.Fatalf("%v, %+v", ok, n)
		}
		return n
	}
	known := func(goos string) (ids string) {
		n := narrowed(goos)
		for _, id := range []string{"a", "b", "o"} {
			if n.Builds[id].Known {
				ids += id
			}
		}
		return ids
	}
	first := narrowed(runtime.GOOS)
	if first.Builds["a"].Hash == first.Builds["b"].Hash || first.Builds["a"].Hash == "" {
		t.Errorf("%+v", first)
	}
	writeFile(t, filepath.Join(src, "README.md"), "changed\n")
	edit(t, filepath.Join(src, "cmd", "a", "main.go"))
	writeFile(t, filepath.Join(src, "other", "main_test.go"), "package main_test\n")
	second := narrowed(runtime.GOOS)
	for id, same := range map[string]bool{"a": false, "b": true, "o": true} {
		if (first.Builds[id].Hash == second.Builds[id].Hash) != same {
			t.Errorf("%s: %s, was %s", id, second.Builds[id].Hash, first.Builds[id].Hash)
		}
	}

	if got := known(runtime.GOOS); got != "" {
		t.Errorf("knows %q, which was never built", got)
	}
	compile := func(command, dir, pkg string) {
		t.Helper()
		bin := filepath.Join(t.TempDir(), "bin")
		code, said := step(t, filepath.Join(src, dir), command, "-store", store, "-o", bin, "--", "go", "build", "-trimpath", pkg)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, said)
		}
	}
	compile("link", "other", ".")
	if got := known(runtime.GOOS); got != "" {
		t.Errorf("knows %q, which was linked", got)
	}
	compile("compile", ".", "./cmd/a")
	compile("compile", "other", ".")
	if got := known(runtime.GOOS); got != "ao" {
		t.Errorf("knows %q, want a and o", got)
	}
	if got := known("plan9"); got != "" {
		t.Errorf("knows %q for a target that was not built", got)
	}
	marks, err := filepath.Glob(filepath.Join(store, "notes", "own-*"))
	if err != nil || len(marks) < 2 {
		t.Fatalf("%q, %v", marks, err)
	}
	long := time.Now().Add(-30 * 24 * time.Hour)
	for _, m := range marks {
		if err := os.Chtimes(m, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if got := known(runtime.GOOS); got != "" {
		t.Errorf("knows %q of long ago", got)
	}
}

// TestMarkInWorkspace has a package that is built in the folder of its workspace.
func TestMarkInWorkspace(t *testing.T) {
	environment(t)
	t.Setenv("GOWORK", "")
	src := ownProject(t)
	writeFile(t, filepath.Join(src, "go.work"), "go 1.23\n\nuse (\n\t.\n\t./other\n)\n")
	bin := filepath.Join(t.TempDir(), "bin")
	if code, said := step(t, src, "compile", "-store", store, "-o", bin, "--", "go", "build", "-trimpath", "./other"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if n, _ := narrowProject(t, src, runtime.GOOS, "-store", store); !n.Builds["o"].Known || n.Builds["a"].Known {
		t.Errorf("%+v", n)
	}
}

// TestOwnPackages takes the own packages of two programs to another build cache: what is edited there is all that is compiled.
func TestOwnPackages(t *testing.T) {
	environment(t)
	src, out := ownProject(t), t.TempDir()
	folder := filepath.Join(out, "sub", "own")
	code, said := step(t, src, "compile", "-store", store, "-objects", folder, "--", "go", "build", "-trimpath", "./cmd/a", "./cmd/b")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o755 || !info.ModTime().Equal(time.Unix(0, 0)) {
		t.Errorf("%v, %v", info, err)
	}
	n, fresh := entries(t, folder), t.TempDir()
	want := fmt.Sprintf("seed: %d entries, %d new here, 0 bad\n", n, n)
	if code, said := step(t, t.TempDir(), "seed", "-store", fresh, folder); code != 0 || said != want {
		t.Errorf("exit code %d: %q, want %q", code, said, want)
	}
	edit(t, filepath.Join(src, "cmd", "b", "main.go"))
	code, said = step(t, src, "compile", "-store", fresh, "-o", filepath.Join(t.TempDir(), "b"), "--", "go", "build", "-trimpath", "./cmd/b")
	if code != 0 || !strings.Contains(said, " 1 compiled, ") {
		t.Errorf("exit code %d: %s", code, said)
	}
}
