// Package gocache reads and writes the go command's build cache in tiers: read-only layers,
// a store that many builds share, and the protocol by which the go command asks a program
// instead of its own directory.
package gocache

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ID is the SHA-256 that names an action or the output of one.
type ID [sha256.Size]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// parseID reads 64 hexadecimal digits.
func parseID[T string | []byte](digits T) (id ID, ok bool) {
	if len(digits) != hex.EncodedLen(len(id)) {
		return ID{}, false
	}
	_, err := hex.Decode(id[:], []byte(digits))
	return id, err == nil
}

// Entry is what an action gave.
type Entry struct {
	Output ID // SHA-256 of the content
	Size   int64
	Time   time.Time // when it was stored
}

// check says how content differs from what the entry says of it.
func (e Entry) check(content []byte) error {
	if int64(len(content)) != e.Size {
		return fmt.Errorf("output %s has %d bytes, want %d", e.Output, len(content), e.Size)
	}
	if ID(sha256.Sum256(content)) != e.Output {
		return fmt.Errorf("output %s has another content", e.Output)
	}
	return nil
}

// kind is what a content is, by its first bytes.
type kind byte

const (
	archive kind = 'a' // of a compiled package
	index   kind = 'i' // of a module, see Serve
	other   kind = '-'
)

// headSize is how many bytes tell the kind.
const headSize = 10

func kindOf(content []byte) kind {
	switch {
	case bytes.HasPrefix(content, []byte("!<arch>\n")):
		return archive
	case bytes.HasPrefix(content, []byte("go index v")): // cmd/go/internal/modindex
		return index
	default:
		return other
	}
}

// found is an entry that a tier has.
type found struct {
	Entry
	file string // of the content, an absolute path
	kind kind
}

// Dir is a GOCACHE directory, in the format of the go command: XX/<action>-a names the
// output of an action, XX/<output>-d is its content. Go commands may use it at the same time.
// cmd/go/internal/cache
type Dir string

func (d Dir) file(id ID, suffix string) string {
	name := id.String()
	return filepath.Join(string(d), name[:2], name+suffix)
}

// entrySize is the length of an -a file.
const entrySize = 2 + 1 + 64 + 1 + 64 + 1 + 20 + 1 + 20 + 1

// entry reads an -a file and gives the time of its last use too.
func (d Dir) entry(action ID) (e Entry, used time.Time, ok bool) {
	f, err := os.Open(d.file(action, "-a"))
	if err != nil {
		return Entry{}, used, false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() != entrySize {
		return Entry{}, used, false
	}
	data := make([]byte, entrySize)
	if n, err := f.Read(data); err != nil || n != entrySize {
		return Entry{}, used, false
	}
	e, ok = parseEntry(data, action)
	return e, info.ModTime(), ok
}

func parseEntry(data []byte, action ID) (e Entry, ok bool) {
	fields := bytes.Fields(data)
	if len(fields) != 5 || string(fields[0]) != "v1" || data[entrySize-1] != '\n' {
		return Entry{}, false
	}
	of, ok1 := parseID(fields[1])
	output, ok2 := parseID(fields[2])
	size, err1 := strconv.ParseInt(string(fields[3]), 10, 64)
	nanos, err2 := strconv.ParseInt(string(fields[4]), 10, 64)
	ok = ok1 && ok2 && err1 == nil && err2 == nil && of == action && size >= 0
	return Entry{Output: output, Size: size, Time: time.Unix(0, nanos)}, ok
}

// content gives the file that an entry names, unless it is absent or of another size.
func (d Dir) content(e Entry) (file string, info fs.FileInfo, ok bool) {
	file = d.file(e.Output, "-d")
	info, err := os.Lstat(file)
	return file, info, err == nil && info.Mode().IsRegular() && info.Size() == e.Size
}

// Get gives the entry of an action and the file of its content. An entry that is absent,
// damaged or without a content of its size is not found.
func (d Dir) Get(action ID) (Entry, string, bool) {
	e, _, ok := d.entry(action)
	if !ok {
		return Entry{}, "", false
	}
	file, _, ok := d.content(e)
	if !ok {
		return Entry{}, "", false
	}
	return e, file, true
}

// Put stores the output of an action and gives the file of its content, which appears
// complete or not at all, and before the entry. A file of another content is replaced.
// Content that is not what the entry says is an error.
func (d Dir) Put(action ID, e Entry, content []byte) (string, error) {
	if err := e.check(content); err != nil {
		return "", err
	}
	return d.put(action, e, content)
}

// put is Put of content that is known to be what the entry says.
func (d Dir) put(action ID, e Entry, content []byte) (string, error) {
	file := d.file(e.Output, "-d")
	if holds(file, content) {
		refresh(file)
	} else if err := replace(file, content); err != nil {
		return "", err
	}
	entry := fmt.Sprintf("v1 %x %x %20d %20d\n", action[:], e.Output[:], e.Size, e.Time.UnixNano())
	return file, replace(d.file(action, "-a"), []byte(entry))
}

// holds reports whether a file has the content.
func holds(file string, content []byte) bool {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() != int64(len(content)) {
		return false
	}
	data, err := os.ReadFile(file)
	return err == nil && bytes.Equal(data, content)
}

// useInterval is how exact the time of a use is: one that is recorded is not recorded again
// before it is over.
const useInterval = time.Hour

// refresh records the use of a file in its modification time. A cache that cannot be written
// is not trimmed either.
func refresh(file string) {
	now := time.Now()
	if info, err := os.Lstat(file); err == nil && now.Sub(info.ModTime()) > useInterval {
		os.Chtimes(file, now, now)
	}
}

// tempPrefix begins the names of files that are not complete.
const tempPrefix = "tmp-"

// replace writes a file through a temporary one. A directory of that name goes.
func replace(file string, content []byte) error {
	dir := filepath.Dir(file)
	f, err := os.CreateTemp(dir, tempPrefix)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		f, err = os.CreateTemp(dir, tempPrefix)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o666), f.Close())
	if err == nil {
		err = rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

func rename(from, to string) error {
	err := os.Rename(from, to)
	if err == nil {
		return nil
	}
	if info, statErr := os.Lstat(to); statErr != nil || !info.IsDir() {
		return err
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// Actions gives the actions of all entries, sorted, whether they can be read or not.
func (d Dir) Actions() ([]ID, error) {
	var actions []ID
	err := d.walk(func(_ string, e fs.DirEntry) {
		name, ok := strings.CutSuffix(e.Name(), "-a")
		if action, isID := parseID(name); ok && isID {
			actions = append(actions, action)
		}
	})
	slices.SortFunc(actions, compareID)
	return actions, err
}

func compareID(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// walk visits what is in the folders 00 to ff, and gives the path of each file.
func (d Dir) walk(visit func(file string, e fs.DirEntry)) error {
	subs, err := os.ReadDir(string(d))
	if err != nil {
		return err
	}
	for _, sub := range subs {
		if _, err := hex.DecodeString(sub.Name()); err != nil || len(sub.Name()) != 2 || !sub.IsDir() {
			continue
		}
		dir := filepath.Join(string(d), sub.Name())
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			visit(filepath.Join(dir, e.Name()), e)
		}
	}
	return nil
}
