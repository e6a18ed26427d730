package integration

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestBuildModes has the results that other programs load, and a program that finds its own race.
func TestBuildModes(t *testing.T) {
	k := kit(t)
	debian(t, k)
	res := build(t, k, request{dir: project(t, mixed), file: "modes.yaml", platforms: "linux/" + runtime.GOARCH, attrs: map[string]string{"target": "binaries"}})
	if strings.Contains(res.logs, "not everything compiles") {
		t.Errorf("the dependencies of a library are not compiled before it:\n%s", res.logs)
	}
	want := []string{"archive.a", "archive.h", "dynamic", "plugin.so", "race", "shared.h", "shared.so"}
	if got := sortedNames(res.data); !slices.Equal(got, want) {
		t.Errorf("the files are %v, want %v", got, want)
	}
	dir := t.TempDir()
	for name, data := range res.data {
		write(t, filepath.Join(dir, name), string(data))
	}
	write(t, filepath.Join(dir, "main.c"), "#include <stdio.h>\n#include \"archive.h\"\nint main() { printf(\"%d\\n\", Answer()); return 0; }\n")
	for _, c := range []struct{ command, want string }{
		{"gcc -o linked main.c archive.a -lpthread && ./linked", "42"},
		{"gcc -o loaded main.c ./shared.so && ./loaded", "42"},
		{"chmod +x dynamic && ./dynamic", runtime.GOARCH + " 42"},
		{"chmod +x race && ./race; true", "WARNING: DATA RACE"},
	} {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", c.command)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v, prints %q, want %q", c.command, err, out, c.want)
		}
	}
}

// TestRaceTests has tests that are run with the race detector, which is C.
func TestRaceTests(t *testing.T) {
	t.Parallel()
	k := kit(t)
	debian(t, k)
	res, err := tryBuild(t, k, request{attrs: map[string]string{"target": "test"}, dir: project(t, with(tiny, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ntest: {race: true}\n",
		"race_test.go": "package main\n\nimport \"testing\"\n\nfunc TestRace(t *testing.T) {\n\tn, done := 0, make(chan bool)\n" +
			"\tgo func() { n++; done <- true }()\n\tn++\n\t<-done\n\tt.Log(n)\n}\n",
	}))})
	if err == nil || !strings.Contains(res.logs, "WARNING: DATA RACE") {
		t.Errorf("got %v and\n%s", err, res.logs)
	}
}
