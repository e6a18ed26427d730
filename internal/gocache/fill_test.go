package gocache_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

// TestFill has what a store takes from a layer that anybody may have made.
func TestFill(t *testing.T) {
	from, to := open(t, t.TempDir()), open(t, t.TempDir())
	var actions []gocache.ID
	for _, name := range []string{"good", "had", "damaged here", "truncated", "overwritten", "of another content", "too large"} {
		put(t, from, name, "content of "+name)
		actions = append(actions, id(name))
	}
	dir := writeLayer(t, from, actions...)
	put(t, to, "had", "content of had")
	remove(t, put(t, to, "damaged here", "content of damaged here"))
	frames := read(t, filepath.Join(dir, "frames"))
	other := pack(t, "CONTENT OF of another content") // of the same size
	lines := strings.SplitAfter(read(t, filepath.Join(dir, "index")), "\n")
	for i, line := range lines {
		f := strings.Fields(line) // action, output, size, place and size of its frame, kind
		switch {
		case strings.HasPrefix(line, id("truncated").String()):
			f[4] = "3"
		case strings.HasPrefix(line, id("overwritten").String()):
			at, size := number(t, f[3]), number(t, f[4])
			frames = frames[:at] + strings.Repeat("x", size) + frames[at+size:]
		case strings.HasPrefix(line, id("of another content").String()):
			f[3], f[4] = fmt.Sprint(len(frames)), fmt.Sprint(len(other))
		case strings.HasPrefix(line, id("too large").String()):
			f[2] = "9000000000000000000"
		default:
			continue
		}
		lines[i] = strings.Join(f, " ") + "\n"
	}
	frame := pack(t, anIndex)
	lines = append(lines, fmt.Sprintf("%s %s %d %d %d -\n", id("an index"), id(anIndex), len(anIndex), len(frames+other), len(frame)))
	write(t, filepath.Join(dir, "frames"), frames+other+frame)
	write(t, filepath.Join(dir, "index"), strings.Join(lines, ""))

	added, bad, err := to.Fill(openLayer(t, dir))
	if added != 2 || bad != 5 || err != nil {
		t.Errorf("%d added, %d bad, %v", added, bad, err)
	}
	for name, want := range map[string]bool{
		"good": true, "had": true, "damaged here": true, "truncated": false, "overwritten": false, "of another content": false, "too large": false, "an index": false,
	} {
		_, file, ok := to.Get(id(name))
		if ok != want || ok && read(t, file) != "content of "+name {
			t.Errorf("%s: %v", name, ok)
		}
	}
	if added, _, err := to.Fill(openLayer(t, dir)); added != 0 || err != nil {
		t.Errorf("again: %d added, %v", added, err)
	}
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestState holds that the state of a store is the same until a trim, which may have taken something.
func TestState(t *testing.T) {
	state := func(dir string) string {
		text, err := open(t, dir).State()
		if err != nil || text == "" {
			t.Fatalf("state %q, %v", text, err)
		}
		return text
	}
	dir := t.TempDir()
	first := state(dir)
	s := open(t, dir)
	put(t, s, "action", "content")
	closeStore(t, s)
	if again := state(dir); again != first {
		t.Errorf("state is %q, was %q", again, first)
	}
	write(t, filepath.Join(dir, "trim.txt"), fmt.Sprint(time.Now().Add(-2*day).Unix()))
	before := state(dir)
	closeStore(t, open(t, dir))
	if after := state(dir); after == before {
		t.Errorf("after a trim it is %q still", after)
	}
}
