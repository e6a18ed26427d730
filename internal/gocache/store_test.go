package gocache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := open(t, dir)
	want := put(t, s, "action", "content")
	for range 2 {
		if e, name, ok := s.Get(id("action")); !ok || e != entry("content") || name != want || !filepath.IsAbs(name) {
			t.Errorf("%v %v %s", ok, e, name)
		}
		if _, _, ok := s.Get(id("other")); ok {
			t.Error("found what nobody put")
		}
		closeStore(t, s)
		s = open(t, dir)
	}
	put(t, s, "index", "go index v2\nand so on")
	if _, _, ok := s.Get(id("index")); ok {
		t.Error("a module index is found")
	}
	for _, content := range []string{"con", "tnetnoc"} {
		if _, err := s.Put(id("a"), entry("content"), []byte(content)); err == nil {
			t.Errorf("put accepts %q for content", content)
		}
	}
	write(t, filepath.Join(dir, "file"), "")
	if _, err := gocache.OpenStore(filepath.Join(dir, "file")); err == nil {
		t.Error("a file is opened")
	}
}

func TestStoreDamaged(t *testing.T) {
	for _, c := range damages() {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			name := put(t, s, "action", "content")
			closeStore(t, s)
			c.do(t, file(dir, id("action"), "-a"), name)
			reopened := open(t, dir)
			for _, s := range []*gocache.Store{s, reopened} { // with and without having put it
				if e, _, ok := s.Get(id("action")); ok {
					t.Errorf("found %v", e)
				}
			}
			if l := openLayer(t, writeLayer(t, s, id("action"))); l.Len() > 0 {
				t.Error("it is in a layer")
			}
			put(t, reopened, "action", "content")
			for _, s := range []*gocache.Store{s, reopened} {
				if e, name, ok := s.Get(id("action")); !ok || e != entry("content") || read(t, name) != "content" {
					t.Errorf("after a put: %v %v", ok, e)
				}
			}
		})
	}
}

// TestStoreChecked looks at what a store remembers, by changing the memory: a content that it
// says was verified is not read again.
func TestStoreChecked(t *testing.T) {
	dir := t.TempDir()
	checked := filepath.Join(dir, "checked")
	name := put(t, gocache.Dir(dir), "action", "content") // as a go command does
	get := func() bool {
		s := open(t, dir)
		_, _, ok := s.Get(id("action"))
		closeStore(t, s)
		return ok
	}
	if !get() {
		t.Fatal("not found")
	}
	line := read(t, checked)
	if !strings.HasPrefix(line, id("content").String()+" ") || strings.Count(line, "\n") != 1 {
		t.Fatalf("%q", line)
	}

	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	write(t, name, "tnetnoc") // the same inode and size
	if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if !get() {
		t.Error("what was verified is read again")
	}
	for _, c := range []struct{ name, text string }{
		{"lost", ""},
		{"damaged", line[:len(line)-3]},
		{"zeros", strings.Repeat("\x00", len(line))},
		{"another kind of line", "x y\n\n" + strings.Replace(line, " 7 ", " seven ", 1)},
		{"of another content", strings.Replace(line, id("content").String(), id("other").String(), 1)},
		{"of another size", strings.Replace(line, " 7 ", " 8 ", 1)},
	} {
		write(t, checked, c.text)
		if get() {
			t.Errorf("%s: what was not verified is found", c.name)
		}
	}
	remove(t, checked)
	if get() {
		t.Error("no file: what was not verified is found")
	}
	put(t, gocache.Dir(dir), "action", "content")
	mkdir(t, filepath.Join(checked, "sub"))
	if !get() || !strings.HasPrefix(read(t, checked), id("content").String()) {
		t.Error("a folder is in the way")
	}
}

// TestStoreCheckedMerged closes several stores on one directory at once.
func TestStoreCheckedMerged(t *testing.T) {
	dir := t.TempDir()
	const stores = 16
	var wg sync.WaitGroup
	for i := range stores {
		s := open(t, dir)
		put(t, s, fmt.Sprint(i), fmt.Sprint("content ", i))
		wg.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	checked := read(t, filepath.Join(dir, "checked"))
	for i := range stores {
		if content := fmt.Sprint("content ", i); !strings.Contains(checked, id(content).String()) {
			t.Errorf("%s is not remembered: %q", content, checked)
		}
	}
}

// TestStoreUse holds that a use is seen in the time of the entry and not in that of the content.
func TestStoreUse(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	content, action := put(t, s, "action", "content"), file(dir, id("action"), "-a")
	for _, c := range []struct {
		ago       time.Duration
		refreshed bool
	}{{4 * 24 * time.Hour, true}, {2 * time.Hour, true}, {time.Minute, false}} {
		was, contentWas := age(t, action, c.ago), age(t, content, c.ago)
		if _, _, ok := s.Get(id("action")); !ok {
			t.Fatal("not found")
		}
		info, err := os.Stat(action)
		if err != nil || info.ModTime().After(was.Add(time.Second)) != c.refreshed {
			t.Errorf("%v ago: the entry is of %v, %v", c.ago, info.ModTime(), err)
		}
		if info, err = os.Stat(content); err != nil || !info.ModTime().Equal(contentWas) {
			t.Errorf("%v ago: the content is of %v, %v", c.ago, info.ModTime(), err)
		}
	}
}

// TestStoreConcurrent has several stores on one directory, which is trimmed all the time, and
// looks at each content as soon as it is stored or found. They begin with contents that are due.
func TestStoreConcurrent(t *testing.T) {
	const stores, actions, contents = 4, 60, 20
	dir := t.TempDir()
	content := func(i int) string { return strings.Repeat(fmt.Sprint("content", i%contents), 1000) }
	for i := range contents {
		age(t, put(t, gocache.Dir(dir), "action", content(i)), 48*time.Hour)
	}
	remove(t, file(dir, id("action"), "-a"))
	var wg sync.WaitGroup
	for n := range stores {
		wg.Go(func() {
			for i := range actions {
				s := open(t, dir)
				action := fmt.Sprint((i*7 + n) % actions)
				want := content((i*7 + n) % actions)
				if name := put(t, s, action, want); read(t, name) != want {
					t.Error("another content was put")
				}
				if e, name, ok := s.Get(id(action)); !ok || e.Output != id(want) || read(t, name) != want {
					t.Errorf("%v %v", ok, e)
				}
				os.Remove(filepath.Join(dir, "trim.txt"))
				closeStore(t, s)
			}
		})
	}
	wg.Wait()
	if got := files(t, dir); len(got) != actions+contents {
		t.Errorf("%d files", len(got))
	}
}
