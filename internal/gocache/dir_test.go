package gocache_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gocache"
)

func TestPutGet(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	for _, content := range []string{"", "content", strings.Repeat("x", 1<<20)} {
		want := put(t, dir, "action", content)
		e, name, ok := dir.Get(id("action"))
		if !ok || name != want || e != entry(content) {
			t.Fatalf("%v, %v, %s; put gave %s", ok, e, name, want)
		}
		if read(t, name) != content {
			t.Fatal("another content")
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

// TestPutKeeps holds that a content which is right is not written again, but is young.
func TestPutKeeps(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	name := put(t, dir, "action", "content")
	old := age(t, name, 48*time.Hour)
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "other action", "content")
	after, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if !os.SameFile(before, after) || !after.ModTime().After(old.Add(time.Hour)) {
		t.Errorf("same file: %v, of %v", os.SameFile(before, after), after.ModTime())
	}
}

func TestPutFails(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "")
	if _, err := gocache.Dir(filepath.Join(dir, "file")).Put(id("action"), entry("content"), []byte("content")); err == nil {
		t.Error("no error, in a file")
	}
	// The folder of the entry is a file, that of the content is not.
	write(t, filepath.Join(dir, id("action").String()[:2]), "")
	if _, err := gocache.Dir(dir).Put(id("action"), entry("content"), []byte("content")); err == nil {
		t.Error("no error, without an entry")
	}
	if got := files(t, dir); len(got) != 1 || strings.Contains(got[0], "tmp-") {
		t.Errorf("%q", got)
	}
}

// damage is what can happen to an entry "action" with the content "content".
type damage struct {
	name string
	do   func(t *testing.T, action, content string) // the paths of its files
	size bool                                       // of the content is still right, as is the entry
}

func damages() []damage {
	good := fmt.Sprintf("v1 %s %s %20d %20d\n", id("action"), id("content"), 7, 1)
	list := []damage{
		{name: "content is truncated", do: func(t *testing.T, _, content string) { write(t, content, "cont") }},
		{name: "content is longer", do: func(t *testing.T, _, content string) { write(t, content, "contents") }},
		{name: "content is empty", do: func(t *testing.T, _, content string) { write(t, content, "") }},
		{name: "content is absent", do: func(t *testing.T, _, content string) { remove(t, content) }},
		{name: "content is a folder, as for a cached program", do: func(t *testing.T, _, content string) {
			remove(t, content)
			write(t, filepath.Join(content, "program"), "content")
		}},
		{name: "content is a link", do: func(t *testing.T, _, content string) { link(t, content+"x", content) }},
		{name: "content cannot be opened", do: func(t *testing.T, _, content string) { link(t, content, content) }},
		{name: "content is another", size: true, do: func(t *testing.T, _, content string) {
			write(t, content, "tnetnoc")
			age(t, content, -time.Second) // whatever the clock's granularity
		}},
		{name: "content is another with the same time", size: true, do: func(t *testing.T, _, content string) {
			info, err := os.Stat(content)
			if err != nil {
				t.Fatal(err)
			}
			write(t, content+"x", "tnetnoc")
			err = errors.Join(os.Chtimes(content+"x", info.ModTime(), info.ModTime()), os.Rename(content+"x", content))
			if err != nil {
				t.Fatal(err)
			}
		}},
		{name: "entry is absent", do: func(t *testing.T, action, _ string) { remove(t, action) }},
		{name: "entry is a folder", do: func(t *testing.T, action, _ string) {
			remove(t, action)
			write(t, filepath.Join(action, "file"), good)
		}},
		{name: "entry cannot be opened", do: func(t *testing.T, action, _ string) { link(t, action, action) }},
	}
	for _, c := range []struct{ name, entry string }{
		{"is truncated", good[:100]},
		{"has no bytes", ""},
		{"is longer", good + "\n"},
		{"has no end", good[:len(good)-1] + " "},
		{"is of another version", "v2" + good[2:]},
		{"has no hexadecimal", strings.Replace(good, id("content").String()[:4], "wxyz", 1)},
		{"is of another action", strings.Replace(good, id("action").String(), id("other").String(), 1)},
		{"has a negative size", strings.Replace(good, " 7 ", "-7 ", 1)},
		{"has the size of another content", strings.Replace(good, " 7 ", " 8 ", 1)},
		{"has a huge size", strings.Replace(good, fmt.Sprintf("%20d", 7), "99999999999999999999", 1)},
		{"has no number", strings.Replace(good, " 7 ", " x ", 1)},
		{"is of zeros", strings.Repeat("\x00", len(good))},
	} {
		list = append(list, damage{name: "entry " + c.name, do: func(t *testing.T, action, _ string) { write(t, action, c.entry) }})
	}
	return list
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// link puts a symbolic link to target in the place of a file. What was there is at file+"x".
func link(t *testing.T, target, file string) {
	t.Helper()
	if err := errors.Join(os.Rename(file, file+"x"), os.Symlink(target, file)); err != nil {
		t.Fatal(err)
	}
}

func TestDamaged(t *testing.T) {
	for _, c := range damages() {
		t.Run(c.name, func(t *testing.T) {
			dir := gocache.Dir(t.TempDir())
			name := put(t, dir, "action", "content")
			c.do(t, file(dir, id("action"), "-a"), name)
			if e, _, ok := dir.Get(id("action")); ok != c.size {
				t.Errorf("found %v %v", ok, e)
			}
			put(t, dir, "action", "content")
			if e, name, ok := dir.Get(id("action")); !ok || e != entry("content") || read(t, name) != "content" {
				t.Errorf("after a put: %v %v", ok, e)
			}
		})
	}
}

func TestActions(t *testing.T) {
	dir := gocache.Dir(t.TempDir())
	var want []gocache.ID
	for i := range 20 {
		put(t, dir, fmt.Sprint(i), "content")
		want = append(want, id(fmt.Sprint(i)))
	}
	slices.SortFunc(want, func(a, b gocache.ID) int { return bytes.Compare(a[:], b[:]) })
	sub := filepath.Dir(file(dir, id("1"), "-a"))
	write(t, filepath.Join(sub, "tmp-1"), "")
	write(t, filepath.Join(sub, "x-a"), "")
	write(t, filepath.Join(sub, id("x").String()+"-x"), "")
	write(t, filepath.Join(string(dir), "fuzz", id("fuzz").String()+"-a"), "")
	write(t, filepath.Join(string(dir), "zz", id("zz").String()+"-a"), "")
	write(t, filepath.Join(string(dir), "trim.txt"), "1")
	got, err := dir.Actions()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if _, err := (dir + "x").Actions(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}
