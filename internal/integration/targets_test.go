package integration

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDist has the trees of the target dist, the same from two daemons.
func TestDist(t *testing.T) {
	t.Parallel()
	k := kit(t)
	files := with(tiny, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\nplatforms: [linux/amd64, linux/arm/v6, windows/amd64]\n",
		"LICENSE":    "MIT\n", "docs/a.md": "a\n",
	})
	res := build(t, k, request{dir: project(t, files), attrs: map[string]string{"target": "dist"}})
	names := []string{"tiny-linux-amd64", "tiny-linux-arm-v6", "tiny-windows-amd64.exe"}
	if got := sortedNames(res.data); !slices.Equal(got, append([]string{"SHA256SUMS"}, names...)) {
		t.Errorf("files %q", got)
	}
	checkSums(t, res, names)

	files["Dockerfile"] += "dist: {archive: auto, files: [LICENSE, docs]}\n"
	names = []string{"tiny-linux-amd64.tar.gz", "tiny-windows-amd64.zip"}
	asked := request{dir: project(t, files), platforms: "linux/amd64,windows/amd64", attrs: map[string]string{"target": "dist"}}
	res = build(t, k, asked)
	checkSums(t, res, names)
	want := []string{"LICENSE 0644", "docs/a.md 0644"}
	if got := inTar(t, res.data[names[0]]); !slices.Equal(got, append(slices.Clone(want), "tiny 0755")) {
		t.Errorf("%s holds %q", names[0], got)
	}
	if got := inZip(t, res.data[names[1]]); !slices.Equal(got, append(slices.Clone(want), "tiny.exe 0755")) {
		t.Errorf("%s holds %q", names[1], got)
	}
	again := build(t, another(t), asked)
	if string(again.data["SHA256SUMS"]) != string(res.data["SHA256SUMS"]) {
		t.Errorf("another daemon makes other bytes:\n%s\n%s", res.data["SHA256SUMS"], again.data["SHA256SUMS"])
	}
}

func checkSums(t *testing.T, res *result, names []string) {
	t.Helper()
	var want strings.Builder
	for _, name := range names {
		if len(res.data[name]) == 0 {
			t.Errorf("no %s", name)
		}
		fmt.Fprintf(&want, "%x  %s\n", sha256.Sum256(res.data[name]), name)
	}
	if got := string(res.data["SHA256SUMS"]); got != want.String() {
		t.Errorf("SHA256SUMS\n%swant\n%s", got, want.String())
	}
}

// inTar gives the names and modes of a tar.gz, sorted.
func inTar(t *testing.T, data []byte) (names []string) {
	t.Helper()
	gz, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(gz); ; {
		h, err := r.Next()
		if err == io.EOF {
			slices.Sort(names)
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%s %04o", h.Name, h.Mode))
	}
}

// inZip gives the names and modes of a zip file, sorted.
func inZip(t *testing.T, data []byte) (names []string) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.File {
		names = append(names, fmt.Sprintf("%s %04o", f.Name, f.Mode().Perm()))
	}
	slices.Sort(names)
	return names
}

// tested is a module with tests that need a module of their own and a file by its own path.
func tested(p *proxy) map[string]string {
	return map[string]string{
		"Dockerfile":       p.spec(),
		"go.mod":           "module example.com/tested\n\ngo 1.26\n\nrequire example.com/assert v1.0.0\n",
		"lib/lib.go":       "package lib\n\nfunc Twice(n int) int { return 2 * n }\n",
		"lib/testdata/two": "2",
		"lib/lib_test.go": `package lib

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"example.com/assert"
)

func TestTwice(t *testing.T) {
	_, file, _, _ := runtime.Caller(0)
	data, err := os.ReadFile(filepath.Join(filepath.Dir(file), "testdata", "two"))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := strconv.Atoi(string(data))
	assert.Equal(t, Twice(1), want)
}
`,
		// A folder with nothing but tests.
		"only/only_test.go": "package only\n\nimport \"testing\"\n\nfunc TestOnly(t *testing.T) { t.Log(\"only\") }\n",
	}
}

// TestTestTarget runs tests and vet with the network off, on modules that only tests import.
func TestTestTarget(t *testing.T) {
	p := serveModules(t, map[string]string{
		"example.com/assert@v1.0.0/go.mod": "module example.com/assert\n\ngo 1.26\n",
		"example.com/assert@v1.0.0/a.go": `package assert

import "testing"

func Equal(t *testing.T, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}
`,
	})
	k := kit(t)
	files := tested(p)
	dir := project(t, files)
	p.run(t, dir, "mod", "tidy")
	test := func(target string) (*result, error) {
		return tryBuild(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64", attrs: map[string]string{"target": target}})
	}
	res, err := test("test")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"ok  \texample.com/tested/lib", "ok  \texample.com/tested/only"} {
		if !strings.Contains(string(res.data["test.txt"]), line) {
			t.Errorf("the result lacks %q:\n%s", line, res.data["test.txt"])
		}
	}

	write(t, dir+"/lib/testdata/two", "3")
	if _, err := test("test"); err == nil || !strings.Contains(err.Error(), "exit code: 1") {
		t.Errorf("a failing test: %v", err)
	}
	if _, err := test("vet"); err != nil {
		t.Errorf("vet: %v", err)
	}
	write(t, dir+"/lib/lib.go", "package lib\n\nimport \"fmt\"\n\nfunc Twice(n int) int { fmt.Printf(\"%s\", n); return 2 * n }\n")
	res, err = test("vet")
	if err == nil || !strings.Contains(res.logs, "lib/lib.go:5:") {
		t.Errorf("a mistake that vet finds: %v\n%s", err, res.logs)
	}
}

// TestDepsTarget compiles what is imported, so that a build compiles no more than its own.
func TestDepsTarget(t *testing.T) {
	k := kit(t)
	module := fmt.Sprintf("example.com/a%d", time.Now().UnixNano()) // new to the shared daemon's caches
	p := serveModules(t, map[string]string{
		module + "@v1.0.0/go.mod": "module " + module + "\n\ngo 1.26\n",
		module + "@v1.0.0/a.go":   "package a\n\nfunc A() string { return \"a\" }\n",
	})
	dir := project(t, map[string]string{
		"Dockerfile": p.spec(),
		"go.mod":     "module example.com/app\n\ngo 1.26\n\nrequire " + module + " v1.0.0\n",
		"main.go":    "package main\n\nimport a \"" + module + "\"\n\nfunc main() { println(a.A()) }\n",
	})
	p.run(t, dir, "mod", "tidy")
	res := build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64", attrs: map[string]string{"target": "deps"}})
	for _, arch := range []string{"amd64", "arm64"} {
		if got := string(res.data["linux_"+arch+"/deps.txt"]); !strings.HasPrefix(got, "linux/"+arch+": ") {
			t.Errorf("deps.txt for %s is %q", arch, got)
		}
	}
	if !slices.Contains(res.ran(), "[deps linux/arm64] compile") || slices.ContainsFunc(res.ran(), func(s string) bool { return strings.HasPrefix(s, "[app ") }) {
		t.Errorf("ran %q", res.ran())
	}
	res = build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64"})
	if slices.ContainsFunc(res.ran(), func(s string) bool { return strings.HasPrefix(s, "[deps ") || strings.HasPrefix(s, "[std ") }) {
		t.Errorf("the build ran %q", res.ran())
	}
}
