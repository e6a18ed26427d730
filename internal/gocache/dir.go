// Package gocache reads and writes the go command's build cache: the files in a GOCACHE
// directory, and the protocol by which the go command asks a program instead.
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
	"strings"
	"time"
)

// ID is the SHA-256 that names an action or the output of one.
type ID [sha256.Size]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Entry is what an action gave.
type Entry struct {
	Output ID // SHA-256 of the content
	Size   int64
	Time   time.Time
}

// Dir is a GOCACHE directory, in the format of the go command: XX/<action>-a names the
// output of an action, XX/<output>-d is its content. Go commands may use it at the same time.
// cmd/go/internal/cache
type Dir string

func (d Dir) file(id ID, kind string) string {
	name := id.String()
	return filepath.Join(string(d), name[:2], name+"-"+kind)
}

// entrySize is the length of an -a file.
const entrySize = 2 + 1 + 64 + 1 + 64 + 1 + 20 + 1 + 20 + 1

// Get gives the entry of an action and the file of its content. An entry that is absent,
// damaged or without its content is not found.
func (d Dir) Get(action ID) (Entry, string, bool) {
	data, err := os.ReadFile(d.file(action, "a"))
	if err != nil || len(data) != entrySize {
		return Entry{}, "", false
	}
	var id, out []byte
	var size, nanos int64
	if n, err := fmt.Sscanf(string(data), "v1 %x %x %d %d\n", &id, &out, &size, &nanos); n != 4 || err != nil {
		return Entry{}, "", false
	}
	if !bytes.Equal(id, action[:]) || len(out) != sha256.Size || size < 0 {
		return Entry{}, "", false
	}
	e := Entry{Output: ID(out), Size: size, Time: time.Unix(0, nanos)}
	file := d.file(e.Output, "d")
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() != size {
		return Entry{}, "", false
	}
	return e, file, true
}

// used keeps an entry from being trimmed, which the go command does by the times of files.
func (d Dir) used(action ID, e Entry) {
	now := time.Now()
	for _, file := range []string{d.file(action, "a"), d.file(e.Output, "d")} {
		if info, err := os.Stat(file); err == nil && now.Sub(info.ModTime()) > time.Hour {
			os.Chtimes(file, now, now) // a cache that cannot be written is not trimmed either
		}
	}
}

// Put stores the output of an action and gives the file of its content, which appears
// complete or not at all. Content that is not what the entry says is an error.
func (d Dir) Put(action ID, e Entry, content []byte) (string, error) {
	if int64(len(content)) != e.Size {
		return "", fmt.Errorf("output %s has %d bytes, want %d", e.Output, len(content), e.Size)
	}
	if ID(sha256.Sum256(content)) != e.Output {
		return "", fmt.Errorf("output %s has another content", e.Output)
	}
	file := d.file(e.Output, "d")
	if info, err := os.Stat(file); err != nil || info.Size() != e.Size {
		if err := replace(file, content); err != nil {
			return "", err
		}
	}
	entry := fmt.Sprintf("v1 %x %x %20d %20d\n", action[:], e.Output[:], e.Size, e.Time.UnixNano())
	return file, replace(d.file(action, "a"), []byte(entry))
}

// replace writes a file through a temporary one.
func replace(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "tmp-")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o666), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// ErrEntry is why Copy does not take an entry.
var ErrEntry = errors.New("absent, damaged or a module index")

// index begins the content of a module index. Its action holds no content, only the names
// and times of files, so that it is wrong in another place.
// cmd/go/internal/modindex
var index = []byte("go index v")

// Copy stores the entry of an action in another directory. One that is absent or a module
// index, or whose content is not what its name says, is an ErrEntry.
func (d Dir) Copy(to Dir, action ID) error {
	e, file, ok := d.Get(action)
	if !ok {
		return ErrEntry
	}
	content, err := os.ReadFile(file)
	if err != nil || ID(sha256.Sum256(content)) != e.Output || bytes.HasPrefix(content, index) {
		return ErrEntry
	}
	_, err = to.Put(action, e, content)
	return err
}

// Seed copies to d every entry and content of from that d lacks, and gives the number of
// files. The content of an entry is there before the entry. A file that cannot be read is
// passed over.
func (d Dir) Seed(from Dir) (int, error) {
	dirs, err := os.ReadDir(string(from))
	if err != nil {
		return 0, err
	}
	copied := 0
	for _, kind := range []string{"-d", "-a"} {
		for _, sub := range dirs {
			if !sub.IsDir() || !isHex(sub.Name(), 2) {
				continue
			}
			n, err := seed(filepath.Join(string(d), sub.Name()), filepath.Join(string(from), sub.Name()), kind)
			if err != nil {
				return copied, err
			}
			copied += n
		}
	}
	return copied, nil
}

func seed(to, from, kind string) (int, error) {
	theirs, err := os.ReadDir(from)
	if err != nil {
		return 0, err
	}
	ours, err := os.ReadDir(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	have := map[string]bool{}
	for _, e := range ours {
		have[e.Name()] = true
	}
	copied := 0
	for _, e := range theirs {
		name, ok := strings.CutSuffix(e.Name(), kind)
		if !ok || !isHex(name, 2*sha256.Size) || have[e.Name()] {
			continue
		}
		content, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			continue
		}
		if err := replace(filepath.Join(to, e.Name()), content); err != nil {
			return copied, err
		}
		copied++
	}
	return copied, nil
}

// isHex reports whether s is n lower-case hexadecimal digits.
func isHex(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789abcdef") == ""
}
