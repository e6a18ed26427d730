package gostep_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
	"github.com/acme/xbuild/internal/gostep"
)

var store string // of all commands that do not need one of their own

// TestMain is also the gocache command, which other commands start from their own file.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "gocache" {
		os.Exit(gostep.Main(os.Args[1:], os.Stderr))
	}
	var err error
	if store, err = os.MkdirTemp("", "gostep-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(store)
	os.Exit(code)
}

const target = runtime.GOOS + "/" + runtime.GOARCH

// environment is what a step of the plan has.
func environment(t *testing.T) {
	t.Helper()
	for k, v := range map[string]string{
		"GOFLAGS": "", "GOPROXY": "off", "GOSUMDB": "off", "GOENV": "off", "GOWORK": "off", "GOTOOLCHAIN": "local", "GODEBUG": "", "GOCACHEPROG": "",
		"GOOS": runtime.GOOS, "GOARCH": runtime.GOARCH, "CGO_ENABLED": "0", "TMPDIR": t.TempDir(),
	} {
		t.Setenv(k, v)
	}
}

// step runs a command of gostep in dir and gives its exit code and what it says.
func step(t *testing.T, dir string, args ...string) (int, string) {
	t.Helper()
	t.Chdir(dir)
	var said bytes.Buffer
	code := gostep.Main(args, &said)
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	return code, said.String()
}

// setOf writes what a deps step finds in its working directory.
func setOf(t *testing.T, imports ...string) string {
	t.Helper()
	src := t.TempDir()
	writeFile(t, filepath.Join(src, "imports.txt"), strings.Join(imports, "\n")+"\n")
	writeFile(t, filepath.Join(src, "mod", "sub", "go.mod"), "module example.com/p\n\ngo 1.23\n")
	writeFile(t, filepath.Join(src, "mod", "sub", "go.sum"), "")
	return src
}

// runDeps runs the deps command with a go command and gives the output folder, the exit
// code and what is said, but for why it runs.
func runDeps(t *testing.T, goCmd string, imports ...string) (string, int, string) {
	t.Helper()
	environment(t)
	out := t.TempDir()
	code, said := step(t, setOf(t, imports...), "deps", "-store", store, "-out", out, "-dir", "sub", "-compile", "--", goCmd, "build", "-trimpath")
	return out, code, regexp.MustCompile(`(?m)^deps .*: not in a cache: .*\n`).ReplaceAllString(said, "")
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

const importer = `package main

import (
	"errors"
	"unicode/utf8"
)

func main() { println(errors.New("x"), utf8.RuneLen('x')) }
`

// compiledAfter builds a program that imports errors and unicode/utf8, by a build cache
// with the output of deps alone, and gives the packages that are compiled.
func compiledAfter(t *testing.T, out string) []string {
	t.Helper()
	layer, err := gocache.OpenLayer(filepath.Join(out, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	dir, cache := t.TempDir(), t.TempDir()
	if _, err := layer.Seed(gocache.Dir(cache)); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/p\n\ngo 1.23\n")
	writeFile(t, filepath.Join(dir, "main.go"), importer)
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

// entries gives the number of entries in a layer.
func entries(t *testing.T, out string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, "cache", "index"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(data), "\n") - 1
}

func empty(t *testing.T, dir string) bool {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(names) == 0
}

// older makes a go command call itself Go 1.23 and refuse the protocol.
const older = `[ "$1 $2" = "env GOVERSION" ] && { echo go1.23.0; exit; }
[ "$1" = list ] && [ -n "$GOCACHEPROG" ] && { echo no such variable; exit 3; }`

func TestDeps(t *testing.T) {
	for _, c := range []struct {
		name    string
		goCmd   string
		imports []string
		says    string // a pattern
	}{
		{"protocol", "go", []string{"errors", "unicode/utf8"}, `^deps ` + target + `: \d+ packages, \d+ from cache, \d+ compiled, \d+ MB\n$`},
		{"no module provides one", "go", []string{"errors", "example.com/none", "example.com/p/own", "unicode/utf8"}, `^deps ` + target + `: \d+ packages, \d+ from cache, \d+ compiled, \d+ MB\n$`},
		{"without the protocol", fakeGo(t, older), []string{"errors", "example.com/none", "unicode/utf8"}, `^deps ` + target + `: \d+ packages, \d+ MB\n$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code, said := runDeps(t, c.goCmd, c.imports...)
			if code != 0 || !regexp.MustCompile(c.says).MatchString(said) {
				t.Fatalf("exit code %d: %s", code, said)
			}
			if got := compiledAfter(t, out); len(got) != 1 || got[0] != "main" {
				t.Errorf("compiled again: %q", got)
			}
			if names, err := filepath.Glob(filepath.Join(out, "*")); err != nil || len(names) != 1 {
				t.Errorf("in the result are %q", names)
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

// TestStd compiles what the working directory lists, of which this Go lacks one, and leaves to deps what
// std does not have.
func TestStd(t *testing.T) {
	for name, goCmd := range map[string]string{"protocol": "go", "without the protocol": fakeGo(t, older)} {
		t.Run(name, func(t *testing.T) {
			environment(t)
			list, std, deps := t.TempDir(), t.TempDir(), t.TempDir()
			writeFile(t, filepath.Join(list, "imports.txt"), "of/another/go\nunicode/utf8\n")
			if code, said := step(t, list, "std", "-store", store, "-out", std, "--", goCmd, "build", "-trimpath"); code != 0 || !strings.HasPrefix(said, "std "+target+": ") {
				t.Fatalf("exit code %d: %s", code, said)
			}
			if code, said := step(t, setOf(t, "errors", "unicode/utf8"), "deps", "-store", store, "-out", deps, "-layer", std, "-dir", "sub", "-compile", "--", goCmd, "build", "-trimpath"); code != 0 {
				t.Fatalf("exit code %d: %s", code, said)
			}
			if s, d := entries(t, std), entries(t, deps); s == 0 || d == 0 {
				t.Errorf("%d entries of std, %d of deps", s, d)
			}
			index, err := os.ReadFile(filepath.Join(std, "cache", "index"))
			if err != nil {
				t.Fatal(err)
			}
			other, err := os.ReadFile(filepath.Join(deps, "cache", "index"))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(other)) {
				if action, _, _ := strings.Cut(line, " "); strings.HasSuffix(line, " a\n") && strings.Contains(string(index), "\n"+action+" ") {
					t.Errorf("an entry of std is in deps too: %s", line)
				}
			}
			// The linker and main package are all that is left.
			dir, binary := t.TempDir(), filepath.Join(t.TempDir(), "p")
			writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/p\n\ngo 1.23\n")
			writeFile(t, filepath.Join(dir, "main.go"), importer)
			code, said := step(t, dir, "compile", "-store", t.TempDir(), "-layer", std, "-layer", deps, "-o", binary, "--", goCmd, "build", "-trimpath", "-x", ".")
			if n := strings.Count(said, "/compile "); code != 0 || n != 1 {
				t.Errorf("exit code %d, %d packages compiled: %s", code, n, said)
			}
		})
	}
}

// TestDepsNothing compiles what a program takes that imports nothing.
func TestDepsNothing(t *testing.T) {
	for _, imports := range [][]string{nil, {"example.com/none"}} {
		if out, code, said := runDeps(t, "go", imports...); code != 0 || !strings.HasPrefix(said, "deps "+target+": ") || entries(t, out) == 0 {
			t.Errorf("%q: exit code %d: %s", imports, code, said)
		}
	}
}

// compiling begins a command of a fakeGo that compiles.
const compiling = `echo "$*" | grep -q -- " -export " && `

func TestDepsFails(t *testing.T) {
	unfinished := "deps " + target + ": not everything compiles; the compile step says why\n"
	for _, c := range []struct {
		name, script string
		code         int
		says         string // the beginning
		entries      bool   // in the output
	}{
		{"a package does not compile", compiling + `{ $GO "$@"; exit 1; }`, 0, unfinished + "deps " + target + ": ", true},
		{"before the cache is asked", compiling + `exit 1`, 0, unfinished + "deps " + target + ": ", true}, // a layer with nothing in it
		{"without the protocol", `[ "$1" = env ] && { echo go1.23.0; exit; }; ` + compiling + `exit 1`, 0, unfinished, true},
		{"usage", compiling + `{ echo usage >&2; exit 2; }`, 2, "usage\n", true},
		{"killed", compiling + `kill -9 $$`, 1, "gostep deps: signal: killed\n", true},
		{"list finds a mistake of the source", `[ "$1" = list ] && { echo "go: errors parsing go.mod:" >&2; exit 1; }`, 0, "go: errors parsing go.mod:\n" + unfinished, false},
		{"list can't download", `[ "$1" = list ] && { echo "go: example.com/x@v1.0.0: dial tcp: no route" >&2; exit 1; }`, 1, "go: example.com/x@v1.0.0: dial tcp: no route\n", false},
		{"list can't download a package", `[ "$1" = list ] && { echo '{"ImportPath":"x","Incomplete":true,"Error":{"Err":"x@v1: Get \"https://x\": EOF"}}'; exit; }`, 1, "gostep deps: x@v1: Get \"https://x\": EOF\n", false},
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
		broken := fakeGo(t, compiling+`{ shift; exec $GO list -gcflags=errors=-nosuchflag "$@"; }`)
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

// TestOldNotes has a note that nobody has written for a month, which goes, and a younger one.
func TestOldNotes(t *testing.T) {
	environment(t)
	store := t.TempDir()
	old := filepath.Join(store, "notes", "old.json")
	writeFile(t, old, "[]")
	young := filepath.Join(store, "notes", "young.json")
	writeFile(t, young, "[]")
	at := time.Now().Add(-31 * 24 * time.Hour)
	if err := os.Chtimes(old, at, at); err != nil {
		t.Fatal(err)
	}
	if code, said := step(t, setOf(t, "errors"), "deps", "-store", store, "-out", t.TempDir(), "-dir", "sub", "--", fakeGo(t, `[ "$1" = list ] && exit 0`), "build"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("a note is kept that nobody has written for a month")
	}
	if names, err := os.ReadDir(filepath.Join(store, "notes")); err != nil || len(names) != 2 {
		t.Errorf("%d notes, want that of the step and a young one: %v", len(names), err)
	}
}

// TestWhy has what a deps step says of the reason that it runs.
func TestWhy(t *testing.T) {
	environment(t)
	store := t.TempDir()
	const first = "module example.com/p\n\ngo 1.23\n\nrequire example.com/a v1.0.0\n"
	for _, c := range []struct {
		name, mod, sum, flag string
		imports              string
		want                 string
		env, toolchain       string
	}{
		{"first", first, "x", "-trimpath", "errors", "first build of this project on this builder", "", ""},
		{"nothing", first, "x", "-trimpath", "errors", "nothing that decides it has changed since the last run here; its result is no longer kept", "", ""},
		{"imports", first, "x", "-trimpath", "errors io", "1 new imports: io", "", ""},
		{"an import less", first, "x", "-trimpath", "io", "1 imports less: errors", "", ""},
		{"a module bumped", strings.Replace(first, "v1.0.0", "v1.1.0", 1), "y", "-trimpath", "io", "example.com/a is v1.1.0, was v1.0.0", "", ""},
		{"a module more", first + "require example.com/b v1.0.0\n", "y", "-trimpath", "io", "example.com/a is v1.0.0, was v1.1.0, example.com/b v1.0.0 is new", "", ""},
		{"a module replaced", first + "replace example.com/a => example.com/c v1.0.0\n", "y", "-trimpath", "io", "example.com/a (replaced) example.com/c v1.0.0 is new, example.com/b is gone", "", ""},
		{"go.sum", first + "replace example.com/a => example.com/c v1.0.0\n", "z", "-trimpath", "io", "go.sum changed", "", ""},
		{"flags", first + "replace example.com/a => example.com/c v1.0.0\n", "z", "-tags=x", "io", `the flags are ["-tags=x"], were ["-trimpath"]`, "", ""},
		{"compared with what was compiled alike", first + "replace example.com/a => example.com/c v1.0.0\n", "z", "-trimpath", "io fmt", "1 new imports: fmt", "", ""},
		{"a toolchain", first + "replace example.com/a => example.com/c v1.0.0\n", "z", "-trimpath", "io fmt", "the toolchain is go1.99.1, was " + runtime.Version(), "", "go1.99.1"},
		{"the environment", first + "replace example.com/a => example.com/c v1.0.0\n", "z", "-trimpath", "io fmt",
			"the environment has GOEXPERIMENT=rangefunc", "GOEXPERIMENT=rangefunc", "go1.99.1"},
	} {
		if key, value, ok := strings.Cut(c.env, "="); ok {
			t.Setenv(key, value)
		}
		script := `[ "$1" = list ] && exit 0`
		if c.toolchain != "" {
			script += `; [ "$1" = env ] && { echo ` + c.toolchain + `; exit; }`
		}
		src := t.TempDir()
		writeFile(t, filepath.Join(src, "imports.txt"), strings.ReplaceAll(c.imports, " ", "\n")+"\n")
		writeFile(t, filepath.Join(src, "mod", "go.mod"), c.mod)
		writeFile(t, filepath.Join(src, "mod", "go.sum"), c.sum)
		code, said := step(t, src, "deps", "-store", store, "-out", t.TempDir(), "--", fakeGo(t, script), "build", c.flag)
		if want := "deps " + target + ": not in a cache: " + c.want + "\n"; code != 0 || said != want {
			t.Errorf("%s: exit code %d: %s, want %s", c.name, code, said, want)
		}
	}
}
