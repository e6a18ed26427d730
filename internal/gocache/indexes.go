package gocache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Indexes is a read-only tier of module indexes: the folder that WriteIndexes has written. Unlike
// a Layer's, its contents are files, named by their outputs: a go command opens hundreds of them
// whenever it runs. Its file "index" begins with indexesHeader and has one line for each
// action, sorted: action, output and size in bytes.
type Indexes struct {
	dir     string
	entries map[ID]Entry
}

const indexesHeader = "xbuild gocache indexes v1\n"

// OpenIndexes reads what WriteIndexes has written. A folder whose list is absent or damaged has no
// entries; that there is no such folder is an error.
func OpenIndexes(dir string) (*Indexes, error) {
	dir, list, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	entries := map[ID]Entry{}
	ok := parseList(list, indexesHeader, 3, func(action ID, e Entry, _ []string) bool {
		entries[action] = e
		return true
	})
	if !ok {
		entries = nil
	}
	return &Indexes{dir, entries}, nil
}

// find gives the entry of an action and the file of its content, unless that is absent or of another
// size: what unpacked the folder has checked its digest.
func (x *Indexes) find(action ID) (found, bool) {
	e, ok := x.entries[action]
	if !ok {
		return found{}, false
	}
	file := filepath.Join(x.dir, e.Output.String())
	info, err := os.Lstat(file)
	return found{e, file, index}, err == nil && info.Mode().IsRegular() && info.Size() == e.Size
}

// WriteIndexes writes the entries of actions that are module indexes to a folder that is absent or
// empty, and gives their number. Equal entries give equal files, with equal modes and times. The list comes
// last, as in WriteLayer.
func WriteIndexes(dir string, from *Store, actions []ID) (int, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, err
	}
	lines, entries := []byte(indexesHeader), 0
	for _, a := range slices.SortedFunc(slices.Values(actions), compareID) {
		f, ok := from.findAny(a)
		if !ok || f.kind != index {
			continue
		}
		content, err := os.ReadFile(f.file)
		if err != nil || f.check(content) != nil {
			continue
		}
		file := filepath.Join(dir, f.Output.String())
		if err := errors.Join(os.WriteFile(file, content, 0o644), fix(file, 0o644)); err != nil {
			return 0, err
		}
		lines = fmt.Appendf(lines, "%s %s %d\n", a, f.Output, f.Size)
		entries++
	}
	list := filepath.Join(dir, indexFile)
	if err := os.WriteFile(list, lines, 0o644); err != nil {
		return 0, err
	}
	return entries, errors.Join(fix(list, 0o644), fix(dir, 0o755))
}
