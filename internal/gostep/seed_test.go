package gostep_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gostep"
)

// TestIsNew has what a builder knows of earlier builds.
func TestIsNew(t *testing.T) {
	environment(t)
	store, src := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(src, "imports.txt"), "errors\n")
	writeFile(t, filepath.Join(src, "mod", "go.mod"), "module example.com/p\n\ngo 1.23\n")
	built := func(args ...string) bool {
		t.Helper()
		out := t.TempDir()
		code, said := step(t, src, append([]string{"isnew", "-store", store, "-out", out}, args...)...)
		if code != 0 || said != "" {
			t.Fatalf("%q: exit code %d: %s", args, code, said)
		}
		state, err := os.ReadFile(filepath.Join(out, gostep.NewFile))
		if err == nil && len(state) == 0 {
			t.Errorf("%q: no state", args)
		}
		return err != nil
	}
	if built("--", "go", "build", "-trimpath") {
		t.Error("before the first build")
	}
	goCmd := fakeGo(t, `[ "$1" = env ] && echo go1.26.1; [ "$1" = list ] && exit 0; exit 0`)
	if code, said := step(t, src, "deps", "-store", store, "-out", t.TempDir(), "--", goCmd, "build", "-trimpath"); code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	writeFile(t, filepath.Join(src, "mod", "go.mod"), "module example.com/p\n\ngo 1.23\n\nrequire example.com/a v1.0.0\n")
	for _, c := range []struct {
		args string
		want bool
	}{
		{"-at x -- none build -trimpath", true},
		{"-toolchain go1.26.1 -- none build -trimpath", true},
		{"-toolchain go1.26.2 -- none build -trimpath", false},
		{"-- none build -trimpath -tags=x", false},
	} {
		if got := built(strings.Fields(c.args)...); got != c.want {
			t.Errorf("%s: %v", c.args, got)
		}
	}
	t.Setenv("GOOS", map[bool]string{true: "plan9", false: "linux"}[runtime.GOOS == "linux"])
	if built("--", "none", "build", "-trimpath") {
		t.Error("for another target")
	}
	t.Setenv("GOOS", runtime.GOOS)
	notes, err := filepath.Glob(filepath.Join(store, "notes", "*"))
	if err != nil || len(notes) != 1 {
		t.Fatalf("%q, %v", notes, err)
	}
	long := time.Now().Add(-30 * 24 * time.Hour)
	if err := os.Chtimes(notes[0], long, long); err != nil {
		t.Fatal(err)
	}
	if built("--", "none", "build", "-trimpath") {
		t.Error("a long time ago")
	}
}

// TestSeed takes a deps step's result to another build cache, whole and damaged.
func TestSeed(t *testing.T) {
	deps, code, said := runDeps(t, "go", "errors", "unicode/utf8")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, said)
	}
	again := func(store string) string {
		t.Helper()
		code, said := step(t, setOf(t, "errors", "unicode/utf8"), "deps", "-store", store, "-out", t.TempDir(), "-dir", "sub", "-compile", "--", "go", "build", "-trimpath")
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, said)
		}
		return said
	}
	seed := func(store, folder string) string {
		t.Helper()
		code, said := step(t, t.TempDir(), "seed", "-store", store, "-state", "x", folder)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, said)
		}
		return said
	}
	n := entries(t, deps)
	store := t.TempDir()
	if want := fmt.Sprintf("seed: %d entries, %d new here, 0 bad\n", n, n); seed(store, deps) != want {
		t.Errorf("want %q", want)
	}
	if said := again(store); !strings.Contains(said, " 0 compiled") {
		t.Errorf("after a seed: %s", said)
	}

	frames := filepath.Join(deps, "cache", "frames")
	if err := os.WriteFile(frames, bytes.Repeat([]byte("x"), int(size(t, frames))), 0o644); err != nil {
		t.Fatal(err)
	}
	store = t.TempDir()
	if want := fmt.Sprintf("seed: %d entries, 0 new here, %d bad\n", n, n); seed(store, deps) != want {
		t.Errorf("want %q", want)
	}
	if said := again(store); strings.Contains(said, " 0 compiled") {
		t.Errorf("after a damaged seed: %s", said)
	}
	if err := os.Truncate(frames, 5); err != nil {
		t.Fatal(err)
	}
	if want := "seed: 0 entries, 0 new here, 0 bad\n"; seed(t.TempDir(), deps) != want {
		t.Errorf("want %q", want)
	}
	if said := seed(store, filepath.Join(deps, "none")); said != "seed: nothing in none\n" {
		t.Errorf("nothing there: %s", said)
	}
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
