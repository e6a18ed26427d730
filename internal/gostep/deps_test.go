package gostep_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/gocache"
	"github.com/acme/xbuild/internal/gostep"
)

var depsCache string // the GOCACHE of all deps commands

// TestMain is also the gocache command, which the deps command starts from its own file.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "gocache" {
		os.Exit(gostep.Main(os.Args[1:], os.Stderr))
	}
	var err error
	if depsCache, err = os.MkdirTemp("", "gostep-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(depsCache)
	os.Exit(code)
}

// runDeps runs the deps command with a go command and gives the output folder, the exit
// code and what is said.
func runDeps(t *testing.T, goCmd string, imports ...string) (gocache.Dir, int, string) {
	t.Helper()
	for k, v := range map[string]string{
		"GOCACHE": depsCache, "GOFLAGS": "", "GOPROXY": "off", "GOWORK": "off", "GOTOOLCHAIN": "local", "GODEBUG": "", "GOCACHEPROG": "",
		"GOOS": runtime.GOOS, "GOARCH": runtime.GOARCH, "CGO_ENABLED": "0", "TMPDIR": t.TempDir(),
	} {
		t.Setenv(k, v)
	}
	src, out := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(src, "imports.txt"), strings.Join(imports, "\n")+"\n")
	writeFile(t, filepath.Join(src, "mod", "sub", "go.mod"), "module example.com/p\n\ngo 1.23\n")
	writeFile(t, filepath.Join(src, "mod", "sub", "go.sum"), "")
	var said bytes.Buffer
	code := gostep.Main([]string{"deps", src, out, "sub", goCmd, "build", "-trimpath"}, &said)
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return gocache.Dir(out), code, said.String()
}

func writeFile(t *testing.T, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o777); err != nil {
		t.Fatal(err)
	}
}

// fakeGo is a go command that a script comes before; $GO is the real one.
func fakeGo(t *testing.T, script string) string {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "go")
	writeFile(t, name, "#!/bin/sh\nGO="+real+"\n"+script+"\nexec $GO \"$@\"\n")
	return name
}

// compiledAfter builds a program that imports errors and unicode/utf8, by a build cache
// with the output of deps alone, and gives the packages that are compiled.
func compiledAfter(t *testing.T, out gocache.Dir) []string {
	t.Helper()
	dir, cache := t.TempDir(), t.TempDir()
	if _, err := gocache.Dir(cache).Seed(out); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/p\n\ngo 1.23\n")
	writeFile(t, filepath.Join(dir, "main.go"), `package main

import (
	"errors"
	"unicode/utf8"
)

func main() { println(errors.New("x"), utf8.RuneLen('x')) }
`)
	cmd := exec.Command("go", "build", "-x", "-trimpath", "-o", os.DevNull, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var packages []string
	for _, m := range regexp.MustCompile(`/compile .* -p (\S+)`).FindAllStringSubmatch(string(text), -1) {
		packages = append(packages, m[1])
	}
	return packages
}

// indexes gives the number of module indexes in a build cache.
func indexes(t *testing.T, dir gocache.Dir) (n int) {
	t.Helper()
	err := filepath.WalkDir(string(dir), func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if bytes.HasPrefix(data, []byte("go index v")) {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func empty(t *testing.T, dir gocache.Dir) bool {
	t.Helper()
	names, err := os.ReadDir(string(dir))
	if err != nil {
		t.Fatal(err)
	}
	return len(names) == 0
}

const target = runtime.GOOS + "/" + runtime.GOARCH

func TestDeps(t *testing.T) {
	older := `[ "$1 $2" = "env GOVERSION" ] && { echo go1.23.0; exit; }` + "\n" +
		`[ "$1" = build ] && [ -n "$GOCACHEPROG" ] && { echo no such variable; exit 3; }`
	for _, c := range []struct {
		name    string
		goCmd   string
		imports []string
		says    string // a pattern
	}{
		{"protocol", "go", []string{"errors", "unicode/utf8"}, `^deps ` + target + `: \d+ packages, \d+ cache entries\n$`},
		{"no module provides one", "go", []string{"errors", "example.com/none", "example.com/p/own", "unicode/utf8"}, `^deps ` + target + `: \d+ packages, \d+ cache entries\n$`},
		{"without the protocol", fakeGo(t, older), []string{"errors", "example.com/none", "unicode/utf8"}, `^$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code, said := runDeps(t, c.goCmd, c.imports...)
			if code != 0 || !regexp.MustCompile(c.says).MatchString(said) {
				t.Fatalf("exit code %d: %s", code, said)
			}
			if n := indexes(t, out); n > 0 {
				t.Errorf("%d module indexes in the output", n)
			}
			if indexes(t, gocache.Dir(depsCache)) == 0 {
				t.Error("the go command has written no module index that could be refused")
			}
			if got := compiledAfter(t, out); len(got) != 1 || got[0] != "main" {
				t.Errorf("compiled again: %q", got)
			}
		})
	}
	t.Run("what others left in the cache stays there", func(t *testing.T) {
		all, _, _ := runDeps(t, "go", "errors", "unicode/utf8")
		some, code, said := runDeps(t, "go", "unicode/utf8")
		if code != 0 || strings.Contains(said, "not everything") {
			t.Fatalf("exit code %d: %s", code, said)
		}
		if a, s := entries(t, all), entries(t, some); s == 0 || s >= a {
			t.Errorf("%d of %d entries", s, a)
		}
	})
}

func entries(t *testing.T, dir gocache.Dir) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(string(dir), "*", "*-a"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

func TestDepsNothing(t *testing.T) {
	for _, imports := range [][]string{nil, {"example.com/none"}} {
		if out, code, said := runDeps(t, "go", imports...); code != 0 || said != "" || !empty(t, out) {
			t.Errorf("%q: exit code %d: %s", imports, code, said)
		}
	}
}

func TestDepsFails(t *testing.T) {
	unfinished := "deps " + target + ": not everything compiles; the compile step says why\n"
	for _, c := range []struct {
		name, script string
		code         int
		says         string // the beginning
		entries      bool   // in the output
	}{
		{"a package does not compile", `[ "$1" = build ] && { $GO "$@"; exit 1; }`, 0, unfinished + "deps " + target + ": ", true},
		{"before the cache is asked", `[ "$1" = build ] && exit 1`, 0, unfinished + "deps " + target + ": 1 packages, 0 cache entries\n", false},
		{"without the protocol", `[ "$1" = env ] && { echo go1.23.0; exit; }; [ "$1" = build ] && exit 1`, 0, unfinished, false},
		{"usage", `[ "$1" = build ] && { echo usage >&2; exit 2; }`, 2, "usage\n", false},
		{"killed", `[ "$1" = build ] && kill -9 $$`, 1, "gostep deps: signal: killed\n", false},
		{"list", `[ "$1" = list ] && { echo no >&2; exit 1; }`, 0, "no\n" + unfinished, false},
		{"list says no JSON", `[ "$1" = list ] && { echo no; exit; }`, 1, "gostep deps: go list: invalid character", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code, said := runDeps(t, fakeGo(t, c.script), "unicode/utf8")
			if code != c.code || !strings.HasPrefix(said, c.says) || empty(t, out) == c.entries {
				t.Errorf("exit code %d, empty %v: %s", code, empty(t, out), said)
			}
		})
	}
	t.Run("what compiles is there", func(t *testing.T) {
		broken := fakeGo(t, `[ "$1" = build ] && { shift; exec $GO build -gcflags=errors=-nosuchflag "$@"; }`)
		out, code, said := runDeps(t, broken, "errors", "unicode/utf8")
		if code != 0 || !strings.HasPrefix(said, "# errors\n") || strings.Count(said, unfinished) != 1 {
			t.Errorf("exit code %d: %s", code, said)
		}
		if got := strings.Join(compiledAfter(t, out), " "); got != "errors main" {
			t.Errorf("compiled again: %s", got)
		}
	})
	t.Run("no go", func(t *testing.T) {
		if _, code, said := runDeps(t, filepath.Join(t.TempDir(), "go"), "errors"); code != 1 || !strings.HasPrefix(said, "gostep deps: ") {
			t.Errorf("exit code %d: %s", code, said)
		}
	})
}
