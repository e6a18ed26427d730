package gocache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/gocache"
)

const day = 24 * time.Hour

// trim opens and closes a store that was trimmed some time ago.
func trim(t *testing.T, dir string, ago time.Duration) {
	t.Helper()
	write(t, filepath.Join(dir, "trim.txt"), fmt.Sprint(time.Now().Add(-ago).Unix()))
	closeStore(t, open(t, dir))
}

func TestTrim(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "trim.txt"), fmt.Sprint(time.Now().Unix()))
	s := open(t, dir)
	stored := func(action, content string, used, put_ time.Duration) {
		age(t, put(t, s, action, content), put_)
		age(t, file(dir, id(action), "-a"), used)
	}
	stored("used", "used, from long ago", time.Hour, 30*day)
	stored("almost", "almost", 5*day, 30*day)
	stored("unused", "unused", 6*day, 6*day)
	stored("unused too", "shared", 6*day, 6*day)
	stored("used too", "shared", day/2, 6*day)
	stored("damaged", "of a damaged entry", 6*day, 6*day)
	write(t, file(dir, id("damaged"), "-a"), "v1")
	age(t, file(dir, id("damaged"), "-a"), 6*day)
	for name, ago := range map[string]time.Duration{
		file(dir, id("alone"), "-d"):                   25 * time.Hour,
		file(dir, id("alone, but young"), "-d"):        23 * time.Hour,
		file(dir, id("program"), "-d") + "/program":    0,
		file(dir, id("used, from long ago"), "-z"):     30 * day,
		file(dir, id("unused"), "-z"):                  time.Hour,
		file(dir, id("of a damaged entry"), "-z"):      time.Hour,
		file(dir, id("gone"), "-z"):                    25 * time.Hour,
		file(dir, id("gone, but lately"), "-z"):        23 * time.Hour,
		filepath.Join(dir, "ab", "tmp-old"):            2 * time.Hour,
		filepath.Join(dir, "ab", "tmp-young"):          time.Minute,
		filepath.Join(dir, "tmp-checked"):              2 * time.Hour,
		filepath.Join(dir, "README"):                   30 * day,
		filepath.Join(dir, "ab", "a file of somebody"): 30 * day,
		filepath.Join(dir, "ab", "-d"):                 30 * day,
		filepath.Join(dir, "fuzz", "ab-d"):             30 * day,
	} {
		write(t, name, "x")
		age(t, name, ago)
	}
	age(t, file(dir, id("program"), "-d"), 6*day)
	closeStore(t, s)

	all := files(t, dir)
	if trim(t, dir, day-time.Hour); len(files(t, dir)) != len(all) {
		t.Fatal("trimmed again within a day")
	}
	gone := func() (names []string) {
		left := files(t, dir)
		for _, name := range all {
			if !slices.Contains(left, name) {
				names = append(names, name)
			}
		}
		all = left
		return names
	}
	rel := func(names ...string) []string {
		for i, name := range names {
			names[i], _ = filepath.Rel(dir, name)
		}
		slices.Sort(names)
		return names
	}
	trim(t, dir, 25*time.Hour)
	want := rel(file(dir, id("unused"), "-a"), file(dir, id("unused too"), "-a"), file(dir, id("damaged"), "-a"),
		file(dir, id("of a damaged entry"), "-d"), file(dir, id("alone"), "-d"),
		file(dir, id("of a damaged entry"), "-z"), file(dir, id("gone"), "-z"), file(dir, id("program"), "-d")+"/program", filepath.Join(dir, "ab", "tmp-old"))
	if diff := cmp.Diff(want, gone()); diff != "" {
		t.Errorf("first (-want +got)\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(dir, "tmp-checked")); err == nil {
		t.Error("a temporary file is left")
	}
	// The content of an entry stays for a build that found the entry just before.
	trim(t, dir, 25*time.Hour)
	if diff := cmp.Diff(rel(file(dir, id("unused"), "-d"), file(dir, id("unused"), "-z")), gone()); diff != "" {
		t.Errorf("second (-want +got)\n%s", diff)
	}
	for _, action := range []string{"used", "almost", "used too"} {
		if _, _, ok := open(t, dir).Get(id(action)); !ok {
			t.Errorf("%s is not found", action)
		}
	}
	if checked := read(t, filepath.Join(dir, "checked")); strings.Contains(checked, id("unused").String()) || !strings.Contains(checked, id("shared").String()) {
		t.Errorf("remembered: %q", checked)
	}
}

// TestTrimPutAgain holds that a content which is due stays when somebody puts it again.
func TestTrimPutAgain(t *testing.T) {
	dir := t.TempDir()
	age(t, put(t, gocache.Dir(dir), "action", "content"), 2*day)
	remove(t, file(dir, id("action"), "-a"))
	s := open(t, dir)
	name := put(t, s, "other", "content")
	remove(t, file(dir, id("other"), "-a")) // as if it were not there yet
	trim(t, dir, 2*day)
	if read(t, name) != "content" {
		t.Error("another content")
	}
}

func TestTrimWhen(t *testing.T) {
	hour := int64(time.Hour / time.Second)
	now := time.Now().Unix()
	for _, c := range []struct {
		name, last string
		due        bool
	}{
		{"an hour ago", fmt.Sprint(now - hour), false},
		{"two days ago, with a newline", fmt.Sprint(now-48*hour, "\n"), true},
		{"a clock that is somewhat wrong", fmt.Sprint(now + hour/2), false},
		{"in the future", fmt.Sprint(now + 48*hour), true},
		{"no number", "yesterday", true},
		{"empty", "", true},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "trim.txt"), c.last)
		temp := filepath.Join(dir, "ab", "tmp-1")
		write(t, temp, "")
		age(t, temp, day)
		closeStore(t, open(t, dir))
		if _, err := os.Stat(temp); (err != nil) != c.due {
			t.Errorf("%s: trimmed: %v", c.name, err != nil)
		}
		if last := read(t, filepath.Join(dir, "trim.txt")); (last != c.last) != c.due {
			t.Errorf("%s: the time is now %q", c.name, last)
		}
	}
}
