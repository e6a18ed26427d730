package gostep_test

import (
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
