package gocache

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Layer is a read-only tier: the folder that WriteLayer has written. Its file "frames" holds
// the frame of each content, sorted by output: what unpacks a layer makes one file quicker
// than thousands. Its file "index" begins with layerHeader and has one line for each action,
// sorted: action, output, size in bytes, place and size of its frame, and kind.
type Layer struct {
	frames  string // path of that file
	entries map[ID]layerEntry
}

type layerEntry struct {
	output ID
	size   int64
	frame  span
	kind   kind
}

// span is a part of a file, in bytes.
type span struct{ at, size int64 }

const (
	indexFile   = "index"
	framesFile  = "frames"
	layerHeader = "xbuild gocache layer v3\n"
)

// OpenLayer reads the index of a layer. A folder whose index is absent or damaged, or whose
// frames are not all there, is a layer without entries, since a cache only saves time; that
// there is no such folder is an error.
func OpenLayer(dir string) (*Layer, error) {
	dir, list, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	l := &Layer{frames: filepath.Join(dir, framesFile)}
	if info, err := os.Lstat(l.frames); err == nil && info.Mode().IsRegular() {
		l.entries = parseIndex(list, info.Size())
	}
	return l, nil
}

// readFolder gives the absolute path of a folder that is a tier, and its list, empty if that can't be read.
func readFolder(dir string) (path string, list []byte, err error) {
	if path, err = filepath.Abs(dir); err != nil {
		return "", nil, err
	}
	if _, err := os.Stat(path + "/."); err != nil { // of a file too
		return "", nil, err
	}
	list, _ = os.ReadFile(filepath.Join(path, indexFile))
	return path, list, nil
}

// parseIndex gives the entries of an index, or none when a line is not as it should be. The
// frames are in a file of so many bytes.
func parseIndex(list []byte, frames int64) map[ID]layerEntry {
	entries := make(map[ID]layerEntry, bytes.Count(list, []byte("\n")))
	ok := parseList(list, layerHeader, 6, func(action ID, e Entry, f []string) bool {
		frame, ok := parseSpan(f[0], f[1], frames)
		if !ok || len(f[2]) != 1 {
			return false
		}
		entries[action] = layerEntry{e.Output, e.Size, frame, kind(f[2][0])}
		return true
	})
	if !ok {
		return nil
	}
	return entries
}

// parseList reads a list whose lines have so many fields: action, output, size in bytes, and those that add gets
// with them. It reports whether all is as it should be.
func parseList(list []byte, header string, fields int, add func(action ID, e Entry, more []string) bool) bool {
	list, ok := bytes.CutPrefix(list, []byte(header))
	if !ok || len(list) > 0 && list[len(list)-1] != '\n' {
		return false
	}
	for line := range strings.Lines(string(list)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(f) != fields {
			return false
		}
		action, ok1 := parseID(f[0])
		output, ok2 := parseID(f[1])
		size, err := strconv.ParseInt(f[2], 10, 64)
		if !ok1 || !ok2 || err != nil || size < 0 || !add(action, Entry{Output: output, Size: size, Time: epoch}, f[3:]) {
			return false
		}
	}
	return true
}

// parseSpan reads a part of a file of limit bytes.
func parseSpan(at, size string, limit int64) (s span, ok bool) {
	var err1, err2 error
	s.at, err1 = strconv.ParseInt(at, 10, 64)
	s.size, err2 = strconv.ParseInt(size, 10, 64)
	return s, err1 == nil && err2 == nil && s.at >= 0 && s.size >= 0 && s.at <= limit && s.size <= limit-s.at
}

// find gives the entry of an action. Its frame is not checked: what unpacked the layer has
// checked its digest. The time of every entry is 1970.
func (l *Layer) find(action ID) (e Entry, le layerEntry, ok bool) {
	le, ok = l.entries[action]
	return Entry{Output: le.output, Size: le.size, Time: epoch}, le, ok
}

// Get gives the entry of an action and its content. One that can't be read is not found.
func (l *Layer) Get(action ID) (Entry, []byte, bool) {
	e, le, ok := l.find(action)
	if !ok {
		return Entry{}, nil, false
	}
	content, err := new(buffer).unpack(l.frames, le.frame, e.Size)
	return e, content, err == nil
}

// Len gives the number of entries.
func (l *Layer) Len() int { return len(l.entries) }

// Seed copies the entries that a directory lacks to it, for go commands before 1.24, and gives
// their number. A content that cannot be read or is damaged is passed over. Others may use
// the directory at the same time.
func (l *Layer) Seed(to Dir) (int, error) {
	actions := slices.Collect(maps.Keys(l.entries))
	var copied atomic.Int64
	err := each(len(actions), func(i int) error {
		if _, _, ok := to.Get(actions[i]); ok {
			return nil
		}
		e, content, ok := l.Get(actions[i])
		if !ok || e.check(content) != nil {
			return nil
		}
		_, err := to.Put(actions[i], e, content)
		if err == nil {
			copied.Add(1)
		}
		return err
	})
	return int(copied.Load()), err
}

// WriteLayer writes the entries of actions, in any order, as a layer to a folder that is
// absent or empty. An entry that is absent, damaged or a module index is left out. Equal
// entries give equal files, with equal modes and times. It gives the number of entries and
// the bytes of their frames. The index comes last: a layer of which only a part was
// written has no entries.
func WriteLayer(dir string, from *Store, actions []ID) (entries int, size int64, err error) {
	outputs := map[ID]found{} // by action
	for _, a := range actions {
		if f, ok := from.find(a); ok {
			outputs[a] = f
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, 0, err
	}
	frames, size, err := copyFrames(filepath.Join(dir, framesFile), from, outputs)
	if err != nil {
		return 0, 0, err
	}
	lines := []byte(layerHeader)
	for _, a := range slices.SortedFunc(maps.Keys(outputs), compareID) {
		f := outputs[a]
		if s, ok := frames[f.Output]; ok {
			lines = fmt.Appendf(lines, "%s %s %d %d %d %c\n", a, f.Output, f.Size, s.at, s.size, f.kind)
			entries++
		}
	}
	index := filepath.Join(dir, indexFile)
	if err := os.WriteFile(index, lines, 0o644); err != nil {
		return 0, 0, err
	}
	return entries, size, errors.Join(fix(index, 0o644), fix(dir, 0o755))
}

// copyFrames writes the frame of each output of a store to a file. It gives the places of those
// that could be read, and the bytes of all.
func copyFrames(file string, from *Store, outputs map[ID]found) (places map[ID]span, size int64, err error) {
	unique := slices.SortedFunc(maps.Values(outputs), func(a, b found) int { return compareID(a.Output, b.Output) })
	unique = slices.CompactFunc(unique, func(a, b found) bool { return a.Output == b.Output })
	if err := from.pack(unique); err != nil {
		return nil, 0, err
	}
	w, err := os.Create(file)
	if err != nil {
		return nil, 0, err
	}
	defer w.Close()
	places = map[ID]span{}
	for _, f := range unique {
		frame, err := from.packed(f)
		if err != nil {
			return nil, 0, err
		}
		src, err := os.Open(frame)
		if err != nil { // also of a frame that there is none of
			continue
		}
		n, err := io.Copy(w, src)
		src.Close()
		if err != nil {
			return nil, 0, err
		}
		places[f.Output] = span{size, n}
		size += n
	}
	if err := w.Close(); err != nil {
		return nil, 0, err
	}
	return places, size, fix(file, 0o644)
}

// epoch is the time of all files in a layer.
var epoch = time.Unix(0, 0)

// fix gives a path the mode and time of all in a layer, whatever the umask and the clock.
func fix(path string, mode os.FileMode) error {
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	return os.Chtimes(path, epoch, epoch)
}

// each runs f with 0 to n-1, on as many cores as there are, and gives the first error, after
// which it starts no more.
func each(n int, f func(int) error) error {
	var next atomic.Int64
	var once sync.Once
	var failed error
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := f(int(i)); err != nil {
					once.Do(func() { failed = err })
					next.Store(int64(n))
				}
			}
		})
	}
	wg.Wait()
	return failed
}
