package gostep_test

import (
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// proxy is a folder as GOPROXY, with the files of example.com/m v1.0.0, and gives the lines of a go.sum.
func proxy(t *testing.T, files map[string]string) (dir, sums string) {
	t.Helper()
	dir = t.TempDir()
	src, version := t.TempDir(), module.Version{Path: "example.com/m", Version: "v1.0.0"}
	for name, data := range files {
		writeFile(t, filepath.Join(src, name), data)
	}
	versions := filepath.Join(dir, "example.com", "m", "@v")
	writeFile(t, filepath.Join(versions, "v1.0.0.info"), `{"Version":"v1.0.0"}`)
	writeFile(t, filepath.Join(versions, "v1.0.0.mod"), files["go.mod"])
	archive := filepath.Join(versions, "v1.0.0.zip")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(zip.CreateFromDir(f, version, src), f.Close()); err != nil {
		t.Fatal(err)
	}
	whole, err := dirhash.HashZip(archive, dirhash.Hash1)
	if err != nil {
		t.Fatal(err)
	}
	mod, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return os.Open(filepath.Join(versions, "v1.0.0.mod"))
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, "example.com/m v1.0.0 " + whole + "\nexample.com/m v1.0.0/go.mod " + mod + "\n"
}

// TestDepsModules has the module cache that deps gives: what the imports take. The module indexes beside it are of the
// modules that this builder has now, and say no more than that of what it has taken out again.
func TestDepsModules(t *testing.T) {
	environment(t)
	store := t.TempDir()
	all := map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.23\n", "b/b.go": "package b\n",
		"a/a.go":   "package a\n\nimport (\n\t\"embed\"\n\n\t_ \"example.com/m/b\"\n)\n\n//go:embed data all:every\nvar FS embed.FS\n",
		"a/data/x": "x", "a/data/.hidden": "x", "a/data/_x": "x", "a/every/.x": "x", "a/other/x": "x", "a/a_test.go": "package a\n",
		"b/b_windows.go": "package b\n\nimport _ \"example.com/m/c\"\n", "c/c.go": "package c\n", "README.md": "", "b/testdata/x": "x",
	}
	const cached, files = "cache/download/example.com/m/@v/v1.0.0.", "example.com/m@v1.0.0/"
	downloaded := []string{cached + "info", cached + "mod", cached + "ziphash"}
	whole := append(slices.Clone(downloaded), files+"a/a.go", files+"a/data/x", files+"a/every/.x", files+"b/b.go")
	alone := maps.Clone(all)
	alone["a/a.go"] = "package a\n"
	cache, at := t.TempDir(), filepath.Join(t.TempDir(), "mod")
	for _, c := range []struct {
		name  string
		files map[string]string // of the module
		want  []string          // in the result
		fresh bool              // without what the builder has downloaded
	}{
		{"a package and what it imports", all, whole, false},
		{"nothing is new", all, whole, false},
		{"another module of that version", alone, append(slices.Clone(downloaded), files+"a/a.go"), true},
	} {
		if c.fresh {
			cache = t.TempDir()
		}
		os.Remove(at)
		dir, sums := proxy(t, c.files)
		src, out := setOf(t, "example.com/m/a"), t.TempDir()
		writeFile(t, filepath.Join(src, "mod", "sub", "go.mod"), "module example.com/p\n\ngo 1.23\n\nrequire example.com/m v1.0.0\n")
		writeFile(t, filepath.Join(src, "mod", "sub", "go.sum"), sums)
		t.Setenv("GOPROXY", "file://"+dir)
		t.Setenv("GOMODCACHE", cache)
		code, said := step(t, src, "deps", "-store", store, "-out", out, "-dir", "sub", "-modules", at, "-compile", "--", "go", "build", "-trimpath")
		if code != 0 || strings.Contains(said, "not everything") {
			t.Fatalf("%s: exit code %d: %s", c.name, code, said)
		}
		var got []string
		mod := filepath.Join(out, "mod")
		err := filepath.WalkDir(mod, func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				name, _ := filepath.Rel(mod, path)
				got = append(got, filepath.ToSlash(name))
			}
			return err
		})
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", c.name, err, diff)
		}
		if names, err := os.ReadDir(filepath.Join(out, "indexes")); err != nil || len(names) < 2 {
			t.Errorf("%s: indexes: %d, %v", c.name, len(names), err)
		}

		t.Setenv("GOPROXY", "off")
		t.Setenv("GOMODCACHE", at)
		own, file := t.TempDir(), filepath.Join(t.TempDir(), "p")
		writeFile(t, filepath.Join(own, "go.mod"), "module example.com/p\n\ngo 1.23\n\nrequire example.com/m v1.0.0\n")
		writeFile(t, filepath.Join(own, "go.sum"), sums)
		writeFile(t, filepath.Join(own, "main.go"), "package main\n\nimport _ \"example.com/m/a\"\n\nfunc main() {}\n")
		code, said = step(t, own, "compile", "-store", t.TempDir(), "-layer", out, "-o", file, "--", "go", "build", "-trimpath", ".")
		if code != 0 || !strings.Contains(said, " 1 compiled,") {
			t.Errorf("%s: exit code %d: %s", c.name, code, said)
		}
	}
}

// TestDepsModulesFails ends a step whose module cache the go command could not complete: a later build would trust it.
func TestDepsModulesFails(t *testing.T) {
	const said = "go: example.com/m@v1.0.0: reading file:///xbuild/mod/cache/download/example.com/m/@v/v1.0.0.mod: no such file or directory"
	for name, c := range map[string]struct {
		script string
		args   []string
	}{
		"compiling": {compiling + `{ echo "` + said + `" >&2; exit 1; }`, []string{"-compile"}},
		"a package": {compiling + `{ echo '{"ImportPath":"x","Error":{"Err":"` + said + `"}}'; exit; }`, []string{"-compile"}},
		"listing":   {`echo "$*" | grep -q -- "-json=ImportPath,Error -trimpath" && { echo "` + said + `" >&2; exit 1; }`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t)
			dir, sums := proxy(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.23\n", "a/a.go": "package a\n"})
			src := setOf(t, "example.com/m/a")
			writeFile(t, filepath.Join(src, "mod", "sub", "go.mod"), "module example.com/p\n\ngo 1.23\n\nrequire example.com/m v1.0.0\n")
			writeFile(t, filepath.Join(src, "mod", "sub", "go.sum"), sums)
			t.Setenv("GOPROXY", "file://"+dir)
			t.Setenv("GOMODCACHE", t.TempDir())
			args := append([]string{"deps", "-store", t.TempDir(), "-out", t.TempDir(), "-dir", "sub", "-modules", filepath.Join(t.TempDir(), "mod")}, c.args...)
			code, text := step(t, src, append(args, "--", fakeGo(t, c.script), "build", "-trimpath")...)
			if code != 1 || !strings.Contains(text, said) || strings.Contains(text, "not everything") {
				t.Errorf("exit code %d: %s", code, text)
			}
		})
	}
}
