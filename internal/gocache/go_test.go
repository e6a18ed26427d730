package gocache_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

// serveMain is the program that the go command starts: serve STORE RECORD LAYER …
func serveMain(args []string) error {
	store, err := gocache.OpenStore(args[0])
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "indexes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	kept, err := gocache.OpenStore(temp)
	if err != nil {
		return err
	}
	cache := gocache.Cache{Store: store, Kept: kept}
	for _, dir := range args[2:] {
		l, err := gocache.OpenLayer(dir)
		if err != nil {
			return err
		}
		cache.Layers = append(cache.Layers, l)
	}
	record, err := gocache.Serve(os.Stdin, os.Stdout, cache)
	if err != nil {
		return err
	}
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(args[1], data, 0o666), store.Close())
}

// module makes the folder of a program with one module of its own below, and gives it.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{
		"go.mod":      "module p\n\ngo 1.24\n\nrequire example.com/m v1.0.0\n\nreplace example.com/m => ./m\n",
		"main.go":     "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { println(a.A) }\n",
		"m/go.mod":    "module example.com/m\n\ngo 1.24\n",
		"m/a/a.go":    "package a\n\nimport \"unicode/utf8\"\n\nconst A = utf8.UTFMax\n",
		"m/b/b.go":    "package b\n\nconst B = 1\n",
		"m/b/b2.go":   "package b\n\nconst B2 = 2\n",
		"other/b.txt": "nothing",
	} {
		write(t, filepath.Join(dir, name), data)
	}
	return dir
}

// goBuild builds a program with some environment, and gives the program and what it took to
// make it: the packages that were compiled.
func goBuild(t *testing.T, dir string, env ...string) (program string, compiled []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "program")
	cmd := exec.Command("go", "build", "-v", "-trimpath", "-buildvcs=false", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GODEBUG=", "GOCACHEPROG=")
	cmd.Env = append(cmd.Env, env...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return read(t, out), strings.Fields(string(said))
}

// goServed is goBuild with a store and layers. GOCACHE is empty.
func goServed(t *testing.T, dir, store string, layers ...string) (program string, compiled []string, record gocache.Record) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "record")
	args := append([]string{os.Args[0], "serve", store, file}, layers...)
	program, compiled = goBuild(t, dir, "GOCACHE="+t.TempDir(), "GOCACHEPROG="+strings.Join(args, " "))
	if err := json.Unmarshal([]byte(read(t, file)), &record); err != nil {
		t.Fatal(err)
	}
	return program, compiled, record
}

// TestGo builds with the go command: without the protocol, into a store, from it, and from
// layers. All give the same program.
func TestGo(t *testing.T) {
	src, plain := module(t), t.TempDir()
	want, all := goBuild(t, src, "GOCACHE="+plain)
	fromPlain := goLayer(t, plain)
	if got, compiled, _ := goServed(t, src, t.TempDir(), fromPlain); got != want || len(compiled) != 0 {
		t.Errorf("from the directory of the go command: compiled %q", compiled)
	}
	t.Run("an edit that a module index does not see", func(t *testing.T) { sameStat(t, fromPlain) })
	t.Run("a pruned module", func(t *testing.T) { pruned(t, fromPlain) })

	store := t.TempDir()
	got, compiled, first := goServed(t, src, store)
	if got != want || len(compiled) != len(all) || first.Compiled != len(all) || first.Packages != 0 {
		t.Fatalf("cold: %d of %d packages compiled, %d of %d bytes; the record has %d compiled, %d found",
			len(compiled), len(all), len(got), len(want), first.Compiled, first.Packages)
	}
	got, compiled, warm := goServed(t, src, store)
	if got != want || len(compiled) != 0 || warm.Compiled != 0 || warm.Packages == 0 || len(warm.Touched) == 0 {
		t.Errorf("warm: compiled %q; the record has %d compiled, %d found, %d touched", compiled, warm.Compiled, warm.Packages, len(warm.Touched))
	}
	s := open(t, store)
	for _, a := range first.Touched {
		if _, _, ok := s.Get(a); !ok {
			t.Errorf("%s is not in the store", a)
		}
	}
	noIndex(t, store)

	layer := writeLayer(t, s, first.Touched...)
	noIndexIn(t, layer)
	got, compiled, fresh := goServed(t, src, t.TempDir(), layer)
	if got != want || len(compiled) != 0 || fresh.Packages != warm.Packages || len(fresh.Touched) > 1 { // what the linker says is put each time
		t.Errorf("from the layer: compiled %q; the record has %d packages found, %d touched", compiled, fresh.Packages, len(fresh.Touched))
	}
	seeded := t.TempDir()
	if _, err := openLayer(t, layer).Seed(gocache.Dir(seeded)); err != nil {
		t.Fatal(err)
	}
	got, compiled = goBuild(t, src, "GOCACHE="+seeded)
	if got != want || len(compiled) != 0 {
		t.Errorf("seeded: compiled %q", compiled)
	}
	damageFrame(t, layer, firstOutput(t, s, first.Touched))
	if got, _, _ = goServed(t, src, t.TempDir(), layer); got != want {
		t.Error("from a layer with a hole: another program")
	}
}

// firstOutput is the output of a package archive.
func firstOutput(t *testing.T, s *gocache.Store, actions []gocache.ID) gocache.ID {
	t.Helper()
	for _, a := range actions {
		if e, name, ok := s.Get(a); ok && strings.HasPrefix(read(t, name), "!<arch>\n") {
			return e.Output
		}
	}
	t.Fatal("no package archives")
	return gocache.ID{}
}

// noIndex holds that there is no module index in a directory.
func noIndex(t *testing.T, dir string) {
	t.Helper()
	n := 0
	for _, name := range files(t, dir) {
		n++
		if strings.HasPrefix(read(t, filepath.Join(dir, name)), "go index v") {
			t.Errorf("%s is a module index", name)
		}
	}
	if n == 0 {
		t.Errorf("%s is empty", dir)
	}
}

// noIndexIn holds that there are entries in a layer, and that none is a module index.
func noIndexIn(t *testing.T, layer string) {
	t.Helper()
	lines := read(t, filepath.Join(layer, "index"))
	if !strings.Contains(lines, " a\n") || strings.Contains(lines, " i\n") {
		t.Errorf("not packages alone:\n%s", lines)
	}
}

// goLayer makes a layer of all that the go command itself has written to a directory.
func goLayer(t *testing.T, dir string) string {
	t.Helper()
	actions, err := gocache.Dir(dir).Actions()
	if err != nil || len(actions) == 0 {
		t.Fatal(len(actions), err)
	}
	layer := writeLayer(t, open(t, dir), actions...)
	if openLayer(t, layer).Len() >= len(actions) {
		t.Error("the go command has written no module index that could be left out")
	}
	noIndexIn(t, layer)
	return layer
}

// sameStat changes an import in a way that changes neither the size nor the time of a file,
// which is all that the index of a package in the main module knows.
func sameStat(t *testing.T, std string) {
	src, store := module(t), t.TempDir()
	edit := func(pkg, name string) {
		write(t, filepath.Join(src, "main.go"), fmt.Sprintf("package main\n\nimport %q\n\nfunc main() { println(%s) }\n", "example.com/m/"+pkg, name))
		old(t, src) // or the go command makes no index
	}
	edit("a", "a.A")
	first, _, _ := goServed(t, src, store, std)
	edit("b", "b.B")
	want, _, _ := goServed(t, src, t.TempDir(), std)
	got, _, _ := goServed(t, src, store, std)
	if got != want || got == first {
		t.Errorf("as before the edit: %v, as from another store: %v", got == first, got == want)
	}
}

// old makes all files of a directory old.
func old(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chtimes(p, time.Unix(1, 0), time.Unix(1, 0)))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pruned adds an import of a package that was not in the module cache before, as its module
// was: the index of such a module knows only the path.
func pruned(t *testing.T, std string) {
	src, modules, store := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("GOMODCACHE", modules)
	t.Setenv("GONOSUMDB", "*")
	for name, data := range map[string]string{
		"cache/download/example.com/m/@v/v1.0.0.info":    `{"Version":"v1.0.0"}`,
		"cache/download/example.com/m/@v/v1.0.0.mod":     "module example.com/m\n",
		"cache/download/example.com/m/@v/v1.0.0.ziphash": "h1:" + strings.Repeat("A", 43) + "=",
	} {
		write(t, filepath.Join(modules, name), data)
	}
	write(t, filepath.Join(src, "go.mod"), "module p\n\ngo 1.24\n\nrequire example.com/m v1.0.0\n")
	write(t, filepath.Join(src, "go.sum"), "example.com/m v1.0.0 h1:"+strings.Repeat("A", 43)+"=\nexample.com/m v1.0.0/go.mod "+modHash+"\n")
	for _, pkg := range []string{"a", "b"} {
		write(t, filepath.Join(modules, "example.com/m@v1.0.0", pkg, pkg+".go"), "package "+pkg+"\n\nconst C = 1\n")
		write(t, filepath.Join(src, pkg+".go"), fmt.Sprintf("package main\n\nimport %q\n\nconst C%s = %s.C\n", "example.com/m/"+pkg, pkg, pkg))
		write(t, filepath.Join(src, "main.go"), "package main\n\nfunc main() { println(Ca) }\n")
		if _, compiled, _ := goServed(t, src, store, std); !slices.Contains(compiled, "example.com/m/"+pkg) {
			t.Errorf("compiled %q", compiled)
		}
	}
}

// modHash is the hash of the go.mod file of the module in pruned, as in go.sum.
const modHash = "h1:flS2VctbRrTv+sBE+VKgxx6hlkMGPVz9MGOmzMYFg3k="
