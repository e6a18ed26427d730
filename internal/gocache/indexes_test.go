package gocache_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gocache"
)

const anIndex = "go index v2\nand so on"

// writeIndexes writes the module indexes of some actions in a store.
func writeIndexes(t *testing.T, from *gocache.Store, actions ...gocache.ID) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "indexes")
	if _, err := gocache.WriteIndexes(dir, from, actions); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openIndexes(t *testing.T, dir string) *gocache.Indexes {
	t.Helper()
	x, err := gocache.OpenIndexes(dir)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestWriteIndexes has the files of a folder: those of indexes alone, alike whenever they are written.
func TestWriteIndexes(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "index", anIndex)
	put(t, s, "same", anIndex)
	put(t, s, "no index", "content")
	write(t, put(t, s, "damaged", "go index v2 of another"), "go index v2 of damaged")
	actions := ids("no index", "index", "absent", "same", "damaged")
	lines := []string{}
	for _, a := range ids("index", "same") {
		lines = append(lines, a.String()+" "+id(anIndex).String()+" 21\n")
	}
	if lines[0] > lines[1] {
		lines[0], lines[1] = lines[1], lines[0]
	}
	want := map[string]string{
		".":                  "drwxr-xr-x 0",
		"index":              "-rw-r--r-- 0 xbuild gocache indexes v1\n" + strings.Join(lines, ""),
		id(anIndex).String(): "-rw-r--r-- 0 " + anIndex,
	}
	if diff := cmp.Diff(want, listing(t, writeIndexes(t, s, actions...))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	dir := filepath.Join(t.TempDir(), "file")
	write(t, dir, "")
	if _, err := gocache.WriteIndexes(dir, s, actions); err == nil {
		t.Error("written below a file")
	}
}

// TestIndexesDamaged serves from folders that are not as they were written: what is wrong is not found.
func TestIndexesDamaged(t *testing.T) {
	s := open(t, t.TempDir())
	put(t, s, "action", anIndex)
	file := func(dir string) string { return filepath.Join(dir, id(anIndex).String()) }
	list := func(change func(list string) string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			name := filepath.Join(dir, "index")
			write(t, name, change(read(t, name)))
		}
	}
	for _, c := range []struct {
		name  string
		do    func(t *testing.T, dir string)
		found bool
	}{
		{"nothing", func(*testing.T, string) {}, true},
		{"no list", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "index")) }, false},
		{"no header", list(func(s string) string { return s[strings.Index(s, "\n")+1:] }), false},
		{"list truncated", list(func(s string) string { return s[:len(s)-1] }), false},
		{"a field more", list(func(s string) string { return strings.Replace(s, " 21", " 21 i", 1) }), false},
		{"another size", list(func(s string) string { return strings.Replace(s, " 21", " 22", 1) }), false},
		{"no content", func(t *testing.T, dir string) { remove(t, file(dir)) }, false},
		{"content truncated", func(t *testing.T, dir string) { write(t, file(dir), "go index v2") }, false},
		{"content is a link", func(t *testing.T, dir string) {
			remove(t, file(dir))
			write(t, file(dir)+"-", anIndex)
			if err := os.Symlink(file(dir)+"-", file(dir)); err != nil {
				t.Fatal(err)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := writeIndexes(t, s, id("action"))
			c.do(t, dir)
			ca := cache(t)
			ca.Indexes = []*gocache.Indexes{openIndexes(t, dir)}
			if r := serve(t, ca).ask(get(1, "action"), ""); r.Miss == c.found {
				t.Errorf("%+v", r)
			}
		})
	}
	if _, err := gocache.OpenIndexes(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("no folder: no error")
	}
}
