package gocache

import (
	"bytes"
	"fmt"
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

// Layer is a read-only tier: the folder that WriteLayer has written. Its file "index" begins
// with layerHeader and has one line for each action, sorted: action, output, size in bytes,
// size of its frame and kind. XX/<output> is the frame of a content.
type Layer struct {
	dir     string
	entries map[ID]layerEntry
}

type layerEntry struct {
	output ID
	size   int64
	packed int64 // bytes of the frame
	kind   kind
}

const (
	indexFile   = "index"
	layerHeader = "xbuild gocache layer v2\n"
)

// OpenLayer reads the index of a layer. A folder whose index is absent or damaged is a layer
// without entries, since a cache only saves time; that there is no such folder is an error.
func OpenLayer(dir string) (*Layer, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(dir + "/."); err != nil { // of a file too
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		data = nil
	}
	return &Layer{dir: dir, entries: parseIndex(data)}, nil
}

// parseIndex gives the entries of an index, or none when a line is not as it should be.
func parseIndex(data []byte) map[ID]layerEntry {
	data, ok := bytes.CutPrefix(data, []byte(layerHeader))
	if !ok || len(data) > 0 && data[len(data)-1] != '\n' {
		return nil
	}
	entries := make(map[ID]layerEntry, bytes.Count(data, []byte("\n")))
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(f) != 5 || len(f[4]) != 1 {
			return nil
		}
		action, ok1 := parseID(f[0])
		output, ok2 := parseID(f[1])
		size, err1 := strconv.ParseInt(f[2], 10, 64)
		packed, err2 := strconv.ParseInt(f[3], 10, 64)
		if !ok1 || !ok2 || err1 != nil || err2 != nil || size < 0 || packed < 0 {
			return nil
		}
		entries[action] = layerEntry{output, size, packed, kind(f[4][0])}
	}
	return entries
}

// layerFile is the path of a frame inside a layer.
func layerFile(dir string, output ID) string {
	name := output.String()
	return filepath.Join(dir, name[:2], name)
}

// find gives the entry of an action and the file of its frame. The frame is checked by its
// size only: what unpacked the layer has checked its digest. The time of every entry is 1970.
func (l *Layer) find(action ID) (e Entry, k kind, frame string, ok bool) {
	le, ok := l.entries[action]
	if !ok {
		return Entry{}, 0, "", false
	}
	frame = layerFile(l.dir, le.output)
	info, err := os.Lstat(frame)
	ok = err == nil && info.Mode().IsRegular() && info.Size() == le.packed
	return Entry{Output: le.output, Size: le.size, Time: epoch}, le.kind, frame, ok
}

// Get gives the entry of an action and its content. One that can't be read is not found.
func (l *Layer) Get(action ID) (Entry, []byte, bool) {
	e, _, frame, ok := l.find(action)
	if !ok {
		return Entry{}, nil, false
	}
	data, err := os.ReadFile(frame)
	if err != nil {
		return Entry{}, nil, false
	}
	content, err := unpack(data, e.Size)
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
	return writeLayer(dir, from, actions, from.find)
}

// WriteIndexes is WriteLayer of module indexes, for Cache.Indexes.
func WriteIndexes(dir string, from *Store, actions []ID) (entries int, size int64, err error) {
	return writeLayer(dir, from, actions, from.findAny)
}

func writeLayer(dir string, from *Store, actions []ID, find func(ID) (found, bool)) (entries int, size int64, err error) {
	outputs := map[ID]found{} // by action
	for _, a := range actions {
		if f, ok := find(a); ok {
			outputs[a] = f
		}
	}
	packed, err := copyFrames(dir, from, outputs)
	if err != nil {
		return 0, 0, err
	}
	lines := []byte(layerHeader)
	for _, a := range slices.SortedFunc(maps.Keys(outputs), compareID) {
		f := outputs[a]
		if n, ok := packed[f.Output]; ok {
			lines = fmt.Appendf(lines, "%s %s %d %d %c\n", a, f.Output, f.Size, n, f.kind)
			entries++
		}
	}
	for _, n := range packed {
		size += n
	}
	if err := writeFixed(filepath.Join(dir, indexFile), lines); err != nil {
		return 0, 0, err
	}
	return entries, size, fixFolders(dir)
}

// copyFrames writes each output of a store to a layer as a frame, and gives the sizes of those
// that could be read.
func copyFrames(dir string, from *Store, outputs map[ID]found) (map[ID]int64, error) {
	unique := slices.SortedFunc(maps.Values(outputs), func(a, b found) int { return compareID(a.Output, b.Output) })
	unique = slices.CompactFunc(unique, func(a, b found) bool { return a.Output == b.Output })
	var mu sync.Mutex
	written := map[ID]int64{}
	err := each(len(unique), func(i int) error {
		frame, err := from.packed(unique[i])
		if err != nil {
			return nil
		}
		mu.Lock()
		written[unique[i].Output] = int64(len(frame))
		mu.Unlock()
		return writeFixed(layerFile(dir, unique[i].Output), frame)
	})
	return written, err
}

// epoch is the time of all files in a layer.
var epoch = time.Unix(0, 0)

// writeFixed writes a file, and the folder for it, whatever the umask and the clock.
func writeFixed(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		return err
	}
	if err := os.Chmod(file, 0o644); err != nil {
		return err
	}
	return os.Chtimes(file, epoch, epoch)
}

// fixFolders gives the folders of a layer their mode and time, which writing files changes.
func fixFolders(dir string) error {
	subs, err := filepath.Glob(filepath.Join(dir, "??"))
	if err != nil {
		return err
	}
	for _, sub := range append(subs, dir) {
		if err := os.Chmod(sub, 0o755); err != nil {
			return err
		}
		if err := os.Chtimes(sub, epoch, epoch); err != nil {
			return err
		}
	}
	return nil
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
