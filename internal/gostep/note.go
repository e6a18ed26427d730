package gostep

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// note is what decides the result of a deps step, as far as people can change it. The store keeps
// the last ones of each project and target, to say why the next step was not in a cache.
type note struct {
	Toolchain string            // go1.26.8
	Flags     []string          // of go build
	Env       []string          // without what the toolchain image sets
	Modules   map[string]string // versions and replacements by module path
	Sums      string            // hash of every go.sum and go.work.sum
	Imports   []string
	project   string // file name of the notes that it belongs to
}

// newNote is the note of a run of go build with its flags, on the source in src. What cannot be
// read is not noted.
func newNote(src string, build []string) note {
	n := note{Toolchain: goVersion(build[0]), Modules: map[string]string{}}
	for _, flag := range build[2:] {
		if !strings.HasPrefix(flag, "-pgo="+src) { // which is in a temporary folder
			n.Flags = append(n.Flags, flag)
		}
	}
	n.Imports, _ = imports()
	for _, kv := range os.Environ() {
		key, _, _ := strings.Cut(kv, "=")
		if (strings.HasPrefix(key, "GO") || strings.HasPrefix(key, "CGO")) && key != "GOLANG_VERSION" && key != "GOPATH" {
			n.Env = append(n.Env, kv)
		}
	}
	slices.Sort(n.Env)
	sums := sha256.New()
	var project string
	filepath.WalkDir(src, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		switch {
		case err != nil:
		case e.Name() == "go.mod":
			project += n.requires(data)
		case strings.HasSuffix(e.Name(), ".sum"):
			sums.Write(data)
		}
		return nil
	})
	n.Sums = fmt.Sprintf("%x", sums.Sum(nil))
	n.project = fmt.Sprintf("%x.json", sha256.Sum256([]byte(project+" "+target())))
	return n
}

// requires notes what a go.mod requires and replaces, and gives its module path.
func (n *note) requires(data []byte) string {
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil || f.Module == nil {
		return ""
	}
	for _, r := range f.Require {
		n.Modules[r.Mod.Path] = r.Mod.Version
	}
	for _, line := range strings.Split(string(data), "\n") {
		if path, to, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "replace "), " => "); ok {
			n.Modules[path+" (replaced)"] = to
		}
	}
	return f.Module.Mod.Path
}

// notesDir is the folder of all notes in a store.
const notesDir = "notes"

// notesKept for each project and target: sets of binaries may be compiled in several ways.
const notesKept = 8

func (c caches) noteFile(n note) string { return filepath.Join(c.store, notesDir, n.project) }

// notes gives the notes before n, the newest last; none when there are none or they can't be read.
func (c caches) notes(n note) (list []note) {
	data, err := os.ReadFile(c.noteFile(n))
	if err != nil || json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}

// remember keeps n, in place of one that was compiled alike.
func (d *deps) remember(n note) error {
	list := slices.DeleteFunc(d.notes(n), func(o note) bool { return slices.Equal(o.Flags, n.Flags) && slices.Equal(o.Env, n.Env) })
	list = append(list, n)
	data, err := json.Marshal(list[max(0, len(list)-notesKept):])
	if err != nil {
		return err
	}
	return writeNote(d.noteFile(n), data)
}

// notesLimit is for how long a note is kept that no build has written again.
const notesLimit = 30 * 24 * time.Hour

// writeNote writes a file whole or not at all, and its folder where there is none. Old notes go.
func writeNote(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "tmp-")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		os.Remove(temp.Name())
		return err
	}
	return dropOld(filepath.Dir(file), notesLimit, time.Now())
}

// why says what differs from the last run of the project for this target, one that was compiled
// alike if there is one.
func (d *deps) why(n note) string {
	list := d.notes(n)
	if len(list) == 0 {
		return "first build of this project on this builder"
	}
	last := list[len(list)-1]
	for _, o := range list {
		if slices.Equal(o.Flags, n.Flags) && slices.Equal(o.Env, n.Env) {
			last = o
		}
	}
	if reasons := n.differences(last); len(reasons) > 0 {
		return strings.Join(reasons, "; ")
	}
	return "nothing that decides it has changed since the last run here; its result is no longer kept"
}

// differences says what of n is not as it was.
func (n note) differences(was note) (reasons []string) {
	if n.Toolchain != was.Toolchain {
		reasons = append(reasons, fmt.Sprintf("the toolchain is %s, was %s", n.Toolchain, was.Toolchain))
	}
	if !slices.Equal(n.Flags, was.Flags) {
		reasons = append(reasons, fmt.Sprintf("the flags are %q, were %q", n.Flags, was.Flags))
	}
	if added, removed := compare(n.Env, was.Env); len(added)+len(removed) > 0 {
		reasons = append(reasons, "the environment has "+some(append(added, prefixed("no ", removed)...)))
	}
	modules := n.changedModules(was)
	if len(modules) > 0 {
		reasons = append(reasons, some(modules))
	}
	if n.Sums != was.Sums && len(modules) == 0 {
		reasons = append(reasons, "go.sum changed")
	}
	added, removed := compare(n.Imports, was.Imports)
	if len(added) > 0 {
		reasons = append(reasons, fmt.Sprintf("%d new imports: %s", len(added), some(added)))
	}
	if len(removed) > 0 {
		reasons = append(reasons, fmt.Sprintf("%d imports less: %s", len(removed), some(removed)))
	}
	return reasons
}

func (n note) changedModules(was note) (out []string) {
	all := maps.Clone(n.Modules)
	maps.Copy(all, was.Modules)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		now, before := n.Modules[path], was.Modules[path]
		switch {
		case now == before:
		case before == "":
			out = append(out, fmt.Sprintf("%s %s is new", path, now))
		case now == "":
			out = append(out, path+" is gone")
		default:
			out = append(out, fmt.Sprintf("%s is %s, was %s", path, now, before))
		}
	}
	return out
}

// compare gives what is only in now and only in was.
func compare(now, was []string) (added, removed []string) {
	missing := func(in []string) func(string) bool {
		return func(s string) bool { return slices.Contains(in, s) }
	}
	return slices.DeleteFunc(slices.Clone(now), missing(was)), slices.DeleteFunc(slices.Clone(was), missing(now))
}

func prefixed(prefix string, list []string) (out []string) {
	for _, s := range list {
		out = append(out, prefix+s)
	}
	return out
}

// some names the first of a list.
func some(list []string) string {
	const most = 4
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}
