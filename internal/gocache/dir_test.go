package gocache_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

var scratch string // of all tests, for what is made once

// program is the folder of a small program, and warm a build cache in which the go command
// has built it.
var program = sync.OnceValue(func() string {
	dir := filepath.Join(scratch, "program")
	write(dir, "go.mod", "module p\n\ngo 1.26\n")
	write(dir, "main.go", "package main\n\nfunc main() { println(1) }\n")
	return dir
})

var warm = sync.OnceValue(func() gocache.Dir {
	dir := filepath.Join(scratch, "warm")
	if out, err := goBuild(dir).CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	return gocache.Dir(dir)
})

func write(dir, name, data string) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
		panic(err)
	}
}

// goBuild is the build of program with a build cache. It says which commands it runs.
func goBuild(cache string, env ...string) *exec.Cmd {
	cmd := exec.Command("go", "build", "-x", "-trimpath", "-o", os.DevNull, ".")
	cmd.Dir = program()
	cmd.Env = append(os.Environ(), "GOCACHE="+cache, "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local",
		"CGO_ENABLED=0", "GODEBUG=", "GOCACHEPROG=")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// compiled runs a goBuild and gives the number of compilations.
func compiled(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Count(string(out), "/compile ")
}

func isIndex(content []byte) bool { return strings.HasPrefix(string(content), "go index v") }

func id(s string) gocache.ID { return sha256.Sum256([]byte(s)) }

func entry(content string) gocache.Entry {
	return gocache.Entry{Output: id(content), Size: int64(len(content)), Time: time.Unix(1, 2)}
}

func file(dir gocache.Dir, id gocache.ID, kind string) string {
	return filepath.Join(string(dir), id.String()[:2], id.String()+kind)
}

func put(t *testing.T, dir gocache.Dir, action, content string) string {
	t.Helper()
	name, err := dir.Put(id(action), entry(content), []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// files gives the files below a directory.
func files(t *testing.T, dir gocache.Dir) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(string(dir), func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(string(dir), p)
			names = append(names, rel)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

// actions gives the actions of the entries in a directory that the go command has written.
func actions(t *testing.T, dir gocache.Dir) []gocache.ID {
	t.Helper()
	var ids []gocache.ID
	for _, name := range files(t, dir) {
		if name, ok := strings.CutSuffix(filepath.Base(name), "-a"); ok {
			var b []byte
			if n, err := fmt.Sscanf(name, "%x", &b); n != 1 || err != nil || len(b) != sha256.Size {
				t.Fatalf("the go command wrote %s", name)
			}
			ids = append(ids, gocache.ID(b))
		}
	}
	if len(ids) == 0 {
		t.Fatal("no entries")
	}
	return ids
}

func TestPutGet(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	for _, content := range []string{"", "content", strings.Repeat("x", 1<<20)} {
		want := put(t, dir, "action", content)
		e, name, ok := dir.Get(id("action"))
		if !ok || name != want || e != entry(content) {
			t.Fatalf("%v, %v, %s; put gave %s", ok, e, name, want)
		}
		if data, err := os.ReadFile(name); err != nil || string(data) != content {
			t.Fatalf("%d bytes, %v", len(data), err)
		}
	}
	if _, _, ok := dir.Get(id("other")); ok {
		t.Error("found what nobody put")
	}
	if _, err := dir.Put(id("a"), entry("content"), []byte("con")); err == nil {
		t.Error("put accepts another size")
	}
	if _, err := dir.Put(id("a"), entry("content"), []byte("tnetnoc")); err == nil {
		t.Error("put accepts another content")
	}
	if got := files(t, dir); len(got) != 4 {
		t.Errorf("%q", got)
	}
}

func TestPutFails(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	// A directory is where the entry should be.
	if err := os.MkdirAll(filepath.Join(file(dir, id("action"), "-a"), "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.Put(id("action"), entry("content"), []byte("content")); err == nil {
		t.Error("no error")
	}
	for _, name := range files(t, dir) {
		if strings.Contains(name, "tmp-") {
			t.Errorf("%s is left behind", name)
		}
	}
}

func TestDamaged(t *testing.T) {
	good := fmt.Sprintf("v1 %s %s %20d %20d\n", id("action"), id("content"), 7, 1)
	for _, c := range []struct{ name, entry, content string }{
		{"truncated entry", good[:100], "content"},
		{"no bytes", "", "content"},
		{"longer", good + "\n", "content"},
		{"another version", "v2" + good[2:], "content"},
		{"no hexadecimal", strings.Replace(good, id("content").String()[:4], "wxyz", 1), "content"},
		{"another action", strings.Replace(good, id("action").String(), id("other").String(), 1), "content"},
		{"negative size", strings.Replace(good, " 7 ", "-7 ", 1), "content"},
		{"size of another content", strings.Replace(good, " 7 ", " 8 ", 1), "content"},
		{"huge size", strings.Replace(good, fmt.Sprintf("%20d", 7), "99999999999999999999", 1), "content"},
		{"no number", strings.Replace(good, " 7 ", " x ", 1), "content"},
		{"no content", good, ""},
		{"truncated content", good, "cont"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := gocache.Dir(t.TempDir())
			write(filepath.Dir(file(dir, id("action"), "-a")), id("action").String()+"-a", c.entry)
			if c.content != "" {
				write(filepath.Dir(file(dir, id("content"), "-d")), id("content").String()+"-d", c.content)
			}
			if e, _, ok := dir.Get(id("action")); ok {
				t.Errorf("found %v", e)
			}
			to := gocache.Dir(t.TempDir())
			if err := dir.Copy(to, id("action")); !errors.Is(err, gocache.ErrEntry) || len(files(t, to)) > 0 {
				t.Errorf("copied: %v", err)
			}
			put(t, dir, "action", "content")
			if e, _, ok := dir.Get(id("action")); !ok || e != entry("content") {
				t.Errorf("after a put: %v %v", ok, e)
			}
		})
	}
	t.Run("content is a directory", func(t *testing.T) { // as for cached programs
		dir := gocache.Dir(t.TempDir())
		sub := file(dir, id("content"), "-d")
		if err := os.MkdirAll(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(sub)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("v1 %s %s %20d %20d\n", id("action"), id("content"), info.Size(), 1)
		write(filepath.Dir(file(dir, id("action"), "-a")), id("action").String()+"-a", line)
		if _, _, ok := dir.Get(id("action")); ok {
			t.Error("found")
		}
	})
}

func TestCopy(t *testing.T) {
	from, to := gocache.Dir(t.TempDir()), gocache.Dir(t.TempDir())
	put(t, from, "good", "content")
	put(t, from, "index", "go index v2\nand so on")
	if err := os.WriteFile(put(t, from, "bad", "another"), []byte("damaged"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"absent", "bad", "index"} {
		if err := from.Copy(to, id(action)); !errors.Is(err, gocache.ErrEntry) {
			t.Errorf("%s: %v", action, err)
		}
	}
	if got := files(t, to); len(got) > 0 {
		t.Errorf("stored: %q", got)
	}
	if err := from.Copy(to, id("good")); err != nil {
		t.Error(err)
	}
	if e, _, ok := to.Get(id("good")); !ok || e != entry("content") {
		t.Errorf("%v %v", ok, e)
	}
	// A target that cannot be written is not the entry's fault.
	if err := from.Copy(gocache.Dir(file(from, id("content"), "-d")), id("good")); err == nil || errors.Is(err, gocache.ErrEntry) {
		t.Errorf("%v", err)
	}
}

// TestGoReadsAndWrites checks the format against the go command's.
func TestGoReadsAndWrites(t *testing.T) {
	copied := gocache.Dir(t.TempDir())
	indexes := 0
	for _, a := range actions(t, warm()) {
		e, name, ok := warm().Get(a)
		if !ok {
			t.Fatalf("%s is not found", a)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if id(string(data)) != e.Output || time.Since(e.Time) > time.Hour || time.Since(e.Time) < 0 {
			t.Errorf("%s: %v", a, e)
		}
		if isIndex(data) {
			indexes++
			if err := warm().Copy(copied, a); !errors.Is(err, gocache.ErrEntry) {
				t.Errorf("a module index is copied: %v", err)
			}
		} else if err := warm().Copy(copied, a); err != nil {
			t.Error(err)
		}
	}
	if indexes == 0 {
		t.Error("the go command writes no module indexes any more, or they begin otherwise")
	}
	seeded := gocache.Dir(filepath.Join(t.TempDir(), "new"))
	if n, err := seeded.Seed(warm()); err != nil || n == 0 {
		t.Fatal(n, err)
	}
	for _, dir := range []gocache.Dir{copied, seeded} {
		if n := compiled(t, goBuild(string(dir))); n != 0 {
			t.Errorf("%d packages are compiled again", n)
		}
	}
}

func TestSeed(t *testing.T) {
	from, to := gocache.Dir(t.TempDir()), gocache.Dir(filepath.Join(t.TempDir(), "a", "b"))
	put(t, from, "action", "content")
	put(t, from, "both", "theirs")
	put(t, to, "both", "ours")
	write(string(from), "README", "a cache")
	write(string(from), "trim.txt", "1")
	write(string(from), "ab", "a file")
	write(string(from), "testexpire-a", "1")
	sub := filepath.Dir(file(from, id("action"), "-a"))
	write(sub, "tmp-123", "half")
	write(sub, "x-a", "odd")
	write(sub, id("action").String()+"-x", "odd")
	write(sub, strings.ToUpper(id("Action").String())+"-a", "odd")
	write(filepath.Join(string(from), "fuzz"), id("fuzz").String()+"-d", "odd")
	if err := os.MkdirAll(file(from, id("program"), "-d"), 0o777); err != nil {
		t.Fatal(err)
	}
	// Content without entry is taken, an entry without content too: go misses it.
	write(filepath.Dir(file(from, id("alone"), "-d")), id("alone").String()+"-d", "alone")
	chmod(t, from, 0o555)
	defer chmod(t, from, 0o755)

	if n, err := to.Seed(from); n != 4 || err != nil { // action, content, theirs, alone
		t.Errorf("%d files, %v", n, err)
	}
	if n, err := to.Seed(from); n != 0 || err != nil {
		t.Errorf("again: %d files, %v", n, err)
	}
	if e, _, _ := to.Get(id("both")); e != entry("ours") {
		t.Error("an entry is replaced")
	}
	if e, _, _ := to.Get(id("action")); e != entry("content") {
		t.Error("an entry is not there")
	}
	if got := files(t, to); len(got) != 6 {
		t.Errorf("%q", got)
	}
	if _, err := to.Seed(from + "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no source: %v", err)
	}
	write(string(to), "file", "")
	if n, err := (to + "/file").Seed(from); err == nil {
		t.Errorf("target is a file: %d", n)
	}
}

func chmod(t *testing.T, dir gocache.Dir, mode fs.FileMode) {
	err := filepath.WalkDir(string(dir), func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			err = os.Chmod(p, mode)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSeedOrder looks at the target while it is filled: no entry is without its content.
func TestSeedOrder(t *testing.T) {
	from, to := gocache.Dir(t.TempDir()), gocache.Dir(t.TempDir())
	for i := range 300 {
		put(t, from, fmt.Sprint("action", i), fmt.Sprint("content", i))
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := to.Seed(from); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		for i := range 300 {
			action := id(fmt.Sprint("action", i))
			if _, err := os.Stat(file(to, action, "-a")); err != nil {
				continue
			}
			if _, _, ok := to.Get(action); !ok {
				t.Fatal("an entry without its content")
			}
		}
	}
	if got := files(t, to); len(got) != 600 {
		t.Errorf("%d files", len(got))
	}
}
