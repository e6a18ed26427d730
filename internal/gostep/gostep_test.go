package gostep_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/scan"
)

// source is a module with one main package.
func source(t *testing.T) string {
	t.Helper()
	src := t.TempDir()
	for name, data := range map[string]string{
		"go.mod":  "module example.com/hello\n\ngo 1.26\n",
		"main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(src, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return src
}

func TestScan(t *testing.T) {
	out := t.TempDir()
	var stderr strings.Builder
	request, err := json.Marshal(scan.Request{Targets: []scan.Target{{GOOS: "linux", GOARCH: "arm64"}}})
	if err != nil {
		t.Fatal(err)
	}
	if code := gostep.Main([]string{"scan", source(t), out, string(request)}, &stderr); code != 0 || stderr.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	data, err := os.ReadFile(filepath.Join(out, gostep.FactsFile))
	if err != nil {
		t.Fatal(err)
	}
	var got scan.Facts
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := scan.Facts{
		Modules: []scan.Module{{Dir: ".", Path: "example.com/hello", Go: "1.26"}},
		Mains:   []scan.Main{{Dir: ".", Module: ".", Targets: []string{"linux/arm64"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestUsage(t *testing.T) {
	const scan, all = "usage: gostep scan SRC OUT REQUEST\n", "usage: gostep COMMAND …\n  scan SRC OUT REQUEST\n"
	for _, c := range []struct {
		args []string
		want string // the beginning
	}{
		{nil, all}, {[]string{"sacn", "a", "b", "{}"}, all}, {[]string{"--help"}, all},
		{[]string{"scan"}, scan}, {[]string{"scan", "a", "b"}, scan}, {[]string{"scan", "a", "b", "{}", "c"}, scan},
		{[]string{"prune"}, "usage: gostep prune OUT\n"}, {[]string{"std", "-store", "x"}, "usage: gostep std "},
		{[]string{"deps", "-store", "x", "-out", "y"}, "usage: gostep deps "}, {[]string{"compile", "-o", "x", "-objects", "y", "-store", "z", "--", "go", "build", "."}, "usage: gostep compile "},
		{[]string{"gocache", "-nonsense"}, "usage: gostep gocache "},
	} {
		var stderr strings.Builder
		if code := gostep.Main(c.args, &stderr); code != 2 || !strings.HasPrefix(stderr.String(), c.want) {
			t.Errorf("%q: exit code %d: %s", c.args, code, &stderr)
		}
	}
}

// TestFailures checks that what goes wrong is one line, and leaves no facts.
func TestFailures(t *testing.T) {
	src := source(t)
	for _, tt := range []struct {
		name              string
		src, out, request string
		want              string // what the line begins with
	}{
		{"no JSON", src, t.TempDir(), "targets", "gostep scan: request: invalid character"},
		{"half of it", src, t.TempDir(), `{"targets": [`, "gostep scan: request: unexpected end of JSON input"},
		{"other types", src, t.TempDir(), `{"targets": "linux"}`, "gostep scan: request: json: cannot unmarshal string"},
		{"no source", filepath.Join(src, "none"), t.TempDir(), "{}", "gostep scan: "},
		{"source is a file", filepath.Join(src, "main.go"), t.TempDir(), "{}", "gostep scan: "},
		{"no output folder", src, filepath.Join(src, "none"), "{}", "gostep scan: open "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stderr strings.Builder
			code := gostep.Main([]string{"scan", tt.src, tt.out, tt.request}, &stderr)
			line := stderr.String()
			if code != 1 || !strings.HasPrefix(line, tt.want) || strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
				t.Errorf("exit code %d: %q", code, line)
			}
			if _, err := os.Stat(filepath.Join(tt.out, gostep.FactsFile)); err == nil {
				t.Error("there are facts nevertheless")
			}
		})
	}
}
