package gocache_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/acme/xbuild/internal/gocache"
)

// writeLayer writes the entries of some actions in a store as a layer.
func writeLayer(t *testing.T, from *gocache.Store, actions ...gocache.ID) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layer")
	if _, _, err := gocache.WriteLayer(dir, from, actions); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openLayer(t *testing.T, dir string) *gocache.Layer {
	t.Helper()
	l, err := gocache.OpenLayer(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// listing gives mode, time and content of all that is in a directory.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		list[rel] = fmt.Sprint(info.Mode(), " ", info.ModTime().Unix())
		if !e.IsDir() {
			list[rel] += " " + read(t, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// pack gives the frame of a content.
func pack(t *testing.T, content string) string {
	t.Helper()
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return string(e.EncodeAll([]byte(content), nil))
}

// damageFrame overwrites the frame of an output in a layer.
func damageFrame(t *testing.T, layer string, output gocache.ID) {
	t.Helper()
	var size, at, packed int64
	_, line, _ := strings.Cut(read(t, filepath.Join(layer, "index")), " "+output.String()+" ")
	if _, err := fmt.Sscan(line, &size, &at, &packed); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(layer, "frames"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, packed), at)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestWriteLayer(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "1", "content")
	put(t, s, "2", "content")
	put(t, s, "3", "!<arch>\npackage")
	put(t, s, "4", "")
	put(t, s, "index", "go index v2\nand so on")
	put(t, s, "not asked for", "other")
	write(t, put(t, s, "damaged", "another"), "damaged")

	dir := filepath.Join(t.TempDir(), "layer")
	actions := []gocache.ID{id("3"), id("1"), id("absent"), id("damaged"), id("2"), id("index"), id("4"), id("1")}
	n, size, err := gocache.WriteLayer(dir, s, actions)
	want := map[string]string{".": "drwxr-xr-x 0"}
	contents := []string{"", "content", "!<arch>\npackage"}
	slices.SortFunc(contents, func(a, b string) int { return strings.Compare(id(a).String(), id(b).String()) })
	var frames string
	place := map[string]string{}
	for _, content := range contents {
		frame := pack(t, content)
		place[content] = fmt.Sprint(len(frames), " ", len(frame))
		frames += frame
	}
	if n != 4 || size != int64(len(frames)) || err != nil {
		t.Errorf("%d entries, %d bytes, %v", n, size, err)
	}
	lines := []string{ // sorted by action
		fmt.Sprintf("%s %s 0 %s -\n", id("4"), id(""), place[""]),
		fmt.Sprintf("%s %s 15 %s a\n", id("3"), id("!<arch>\npackage"), place["!<arch>\npackage"]),
		fmt.Sprintf("%s %s 7 %s -\n", id("1"), id("content"), place["content"]),
		fmt.Sprintf("%s %s 7 %s -\n", id("2"), id("content"), place["content"]),
	}
	want["frames"] = "-rw-r--r-- 0 " + frames
	want["index"] = "-rw-r--r-- 0 xbuild gocache layer v3\n" + strings.Join(lines, "")
	if diff := cmp.Diff(want, listing(t, dir)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := writeLayer(t, s, id("1"), id("2"), id("3"), id("4"))
	if diff := cmp.Diff(want, listing(t, again)); diff != "" {
		t.Errorf("again (-want +got)\n%s", diff)
	}

	l := openLayer(t, dir)
	if l.Len() != 4 {
		t.Errorf("%d entries", l.Len())
	}
	for _, a := range actions {
		before, _, inStore := s.Get(a)
		e, content, ok := l.Get(a)
		if ok != inStore || e.Output != before.Output || e.Size != before.Size {
			t.Errorf("%v %v, in the store %v %v", ok, e, inStore, before)
		}
		if ok && (id(string(content)) != e.Output || !e.Time.Equal(time.Unix(0, 0))) {
			t.Errorf("%q: %v", content, e)
		}
	}
	if _, _, ok := l.Get(id("not asked for")); ok {
		t.Error("found what is not in the layer")
	}

	write(t, filepath.Join(dir, "file"), "")
	if _, _, err := gocache.WriteLayer(filepath.Join(dir, "file"), s, actions); err == nil {
		t.Error("no error, where nothing can be written")
	}
}

// TestWriteLayerFull holds that a layer is no smaller where there is no place for its frames: that is an error.
func TestWriteLayerFull(t *testing.T) {
	said, err := exec.Command(os.Args[0], "full", t.TempDir()).CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("%v\n%s", err, said)
	}
}

// fullMain writes a layer of a store that has no room for its frame. It is a process of its own since the bound of
// a file's size is one for all files of a process, those that package testing writes too.
func fullMain(dir string) error {
	s, err := gocache.OpenStore(filepath.Join(dir, "store"))
	if err != nil {
		return err
	}
	content := make([]byte, 64<<10)
	rand.Read(content)
	if _, err := s.Put(id("action"), entry(string(content)), content); err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 16 << 10, Max: 16 << 10}); err != nil {
		return err
	}
	if n, _, err := gocache.WriteLayer(filepath.Join(dir, "layer"), s, ids("action")); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%d entries, %v", n, err)
	}
	return nil
}

func TestWriteLayerNothing(t *testing.T) {
	dir := writeLayer(t, open(t, t.TempDir()))
	want := map[string]string{".": "drwxr-xr-x 0", "frames": "-rw-r--r-- 0 ", "index": "-rw-r--r-- 0 xbuild gocache layer v3\n"}
	if diff := cmp.Diff(want, listing(t, dir)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := openLayer(t, dir).Len(); n != 0 {
		t.Errorf("%d entries", n)
	}
}

func TestOpenLayerDamaged(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "action", "content")
	for _, c := range []struct {
		name string
		do   func(index string) string
	}{
		{"empty", func(string) string { return "" }},
		{"no header", func(s string) string { return s[strings.Index(s, "\n")+1:] }},
		{"another version", func(s string) string { return strings.Replace(s, "v3", "v2", 1) }},
		{"truncated", func(s string) string { return s[:len(s)-3] }},
		{"no newline at the end", func(s string) string { return s[:len(s)-1] }},
		{"a second line that is none", func(s string) string { return s + "\n" }},
		{"no hexadecimal", func(s string) string { return strings.Replace(s, id("action").String()[:4], "wxyz", 1) }},
		{"short output", func(s string) string { return strings.Replace(s, id("content").String(), "ab", 1) }},
		{"negative size", func(s string) string { return strings.Replace(s, " 7 ", " -7 ", 1) }},
		{"no size", func(s string) string { return strings.Replace(s, " 7 ", " ", 1) }},
		{"negative place of the frame", func(s string) string { return strings.Replace(s, " 7 0 ", " 7 -1 ", 1) }},
		{"negative size of the frame", func(s string) string { return strings.Replace(s, " 7 0 ", " 7 0 -", 1) }},
		{"a frame behind the end", func(s string) string { return strings.Replace(s, " 7 0 ", " 7 1 ", 1) }},
		{"long kind", func(s string) string { return strings.Replace(s, " -\n", " --\n", 1) }},
		{"zeros", func(s string) string { return strings.Repeat("\x00", len(s)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeLayer(t, s, id("action"))
			index := filepath.Join(dir, "index")
			write(t, index, c.do(read(t, index)))
			l := openLayer(t, dir)
			if _, _, ok := l.Get(id("action")); ok || l.Len() > 0 {
				t.Errorf("found, %d entries", l.Len())
			}
		})
	}
	t.Run("index is a folder", func(t *testing.T) {
		dir := t.TempDir()
		mkdir(t, filepath.Join(dir, "index"))
		if n := openLayer(t, dir).Len(); n != 0 {
			t.Errorf("%d entries", n)
		}
	})
	t.Run("no index", func(t *testing.T) {
		if n := openLayer(t, t.TempDir()).Len(); n != 0 {
			t.Errorf("%d entries", n)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "file"), "")
		for _, name := range []string{"absent", "file"} {
			if _, err := gocache.OpenLayer(filepath.Join(dir, name)); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
	})
	for _, c := range damages() {
		if !strings.HasPrefix(c.name, "content") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			dir := writeLayer(t, s, id("action"))
			c.do(t, "", filepath.Join(dir, "frames"))
			if _, _, ok := openLayer(t, dir).Get(id("action")); ok {
				t.Error("found")
			}
			to := gocache.Dir(t.TempDir())
			if n, err := openLayer(t, dir).Seed(to); n != 0 || err != nil || len(files(t, to)) > 0 {
				t.Errorf("seeded: %d %v", n, err)
			}
		})
	}
}

func TestSeed(t *testing.T) {
	s, to := open(t, t.TempDir()), gocache.Dir(filepath.Join(t.TempDir(), "a", "b"))
	put(t, s, "action", "content")
	put(t, s, "both", "theirs")
	put(t, s, "damaged", "another")
	l := openLayer(t, writeLayer(t, s, id("action"), id("both"), id("damaged")))
	put(t, to, "both", "ours")
	remove(t, put(t, to, "damaged", "another"))

	if n, err := l.Seed(to); n != 2 || err != nil {
		t.Errorf("%d entries, %v", n, err)
	}
	if n, err := l.Seed(to); n != 0 || err != nil {
		t.Errorf("again: %d entries, %v", n, err)
	}
	for action, content := range map[string]string{"action": "content", "both": "ours", "damaged": "another"} {
		if e, _, _ := to.Get(id(action)); e.Output != id(content) {
			t.Errorf("%s: %v", action, e)
		}
	}
	if got := files(t, to); len(got) != 6 {
		t.Errorf("%q", got)
	}
	write(t, string(to)+"/file", "")
	if n, err := l.Seed(to + "/file"); err == nil {
		t.Errorf("target is a file: %d", n)
	}
}

// TestSeedOrder looks at the target while it is filled: no entry is without its content.
func TestSeedOrder(t *testing.T) {
	s, to := open(t, t.TempDir()), gocache.Dir(t.TempDir())
	var actions []gocache.ID
	for i := range 300 {
		put(t, s, fmt.Sprint("action", i), fmt.Sprint("content", i))
		actions = append(actions, id(fmt.Sprint("action", i)))
	}
	l := openLayer(t, writeLayer(t, s, actions...))
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if _, err := l.Seed(to); err != nil {
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
		for _, action := range actions {
			if _, err := os.Stat(file(to, action, "-a")); errors.Is(err, fs.ErrNotExist) {
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
