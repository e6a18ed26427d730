package gostep_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletedSums has the go.work that a go command is given beside a completed go.work.sum: its
// directories are those of the source, which cannot be written.
func TestCompletedSums(t *testing.T) {
	environment(t)
	t.Setenv("GOWORK", "")
	src, deps := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(src, "go.work"), "go 1.23\n\nuse (\n\t./a\n\t./b // why\n)\n\nreplace example.com/x => ./x\n\nreplace example.com/y => example.com/z v1.0.0\n")
	show := fakeGo(t, `[ "$1" = build ] && { cat "$GOWORK" "$GOWORK.sum"; exit 1; }`)
	run := func() string {
		t.Helper()
		_, said := step(t, src, "compile", "-store", store, "-layer", deps, "-o", filepath.Join(t.TempDir(), "out"), "--", show, "build", ".")
		return said
	}
	if said := run(); strings.Contains(said, "use (") {
		t.Errorf("a copy is used though nothing was completed:\n%s", said)
	}
	writeFile(t, filepath.Join(deps, "go.work.sum"), "example.com/w v1.0.0 h1:x\n")
	said := run()
	for _, want := range []string{
		filepath.Join(src, "a") + "\n", filepath.Join(src, "b") + "\n", "replace example.com/x => " + filepath.Join(src, "x") + "\n",
		"replace example.com/y => example.com/z v1.0.0\n", "example.com/w v1.0.0 h1:x\n", "go 1.23\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
}

// TestKeepSums has a go command that completes the workspace's go.work.sum while it lists what is imported.
func TestKeepSums(t *testing.T) {
	const was, now = "example.com/v v1.0.0 h1:v\n", "example.com/v v1.0.0 h1:v\nexample.com/w v1.0.0 h1:w\n"
	for name, c := range map[string]struct{ dir, script, want string }{
		"completed":       {".", `[ "$1" = list ] && printf '` + strings.ReplaceAll(now, "\n", `\n`) + `' >go.work.sum`, now},
		"nothing missing": {".", "", ""},
		"below":           {"_/_", `[ "$1" = list ] && printf '` + strings.ReplaceAll(now, "\n", `\n`) + `' >go.work.sum`, now},
		"below, as it is": {"_/_", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			environment(t)
			t.Setenv("GOWORK", "")
			src, out := t.TempDir(), t.TempDir()
			mod := filepath.Join(src, "mod", c.dir)
			writeFile(t, filepath.Join(src, "imports.txt"), "errors\n")
			writeFile(t, filepath.Join(mod, "go.work"), "go 1.23\n\nuse ./a\n")
			writeFile(t, filepath.Join(mod, "go.work.sum"), was)
			writeFile(t, filepath.Join(mod, "a", "go.mod"), "module example.com/a\n\ngo 1.23\n")
			code, said := step(t, src, "deps", "-store", store, "-out", out, "-dir", c.dir, "--", fakeGo(t, c.script), "build")
			if got, err := os.ReadFile(filepath.Join(out, "go.work.sum")); code != 0 || string(got) != c.want {
				t.Errorf("exit code %d: %s; the result has %q, %v", code, said, got, err)
			}
		})
	}
}
