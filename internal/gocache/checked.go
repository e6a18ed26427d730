package gocache

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// checkedFile is the file of a store that says which contents were verified.
const checkedFile = "checked"

// lockSuffix ends the name of the file, beside it, that is locked while it is read and written.
const lockSuffix = ".lock"

// stamp is the state of a file in which its content was verified, and what it was.
type stamp struct {
	inode       uint64
	size, mtime int64 // bytes, Unix nanoseconds
	kind        kind
}

func stampOf(info fs.FileInfo, k kind) stamp {
	s := stamp{size: info.Size(), mtime: info.ModTime().UnixNano(), kind: k}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = sys.Ino
	}
	return s
}

// checked remembers which contents were verified. In the file it is a line for each: output,
// inode, size, modification time, kind. A line that cannot be read is as if it were not there.
type checked struct {
	file  string
	mu    sync.Mutex
	known map[ID]stamp
	fresh map[ID]stamp // of known, what the file lacks
}

func readChecked(file string) checked {
	return checked{file: file, known: parseChecked(file), fresh: map[ID]stamp{}}
}

func parseChecked(file string) map[ID]stamp {
	stamps := map[ID]stamp{}
	data, err := os.ReadFile(file)
	if err != nil {
		return stamps
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(f) != 5 || len(f[4]) != 1 {
			continue
		}
		output, ok := parseID(f[0])
		inode, err1 := strconv.ParseUint(f[1], 10, 64)
		size, err2 := strconv.ParseInt(f[2], 10, 64)
		mtime, err3 := strconv.ParseInt(f[3], 10, 64)
		if ok && err1 == nil && err2 == nil && err3 == nil {
			stamps[output] = stamp{inode, size, mtime, kind(f[4][0])}
		}
	}
	return stamps
}

func (c *checked) add(output ID, s stamp) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[output] != s {
		c.known[output] = s
		c.fresh[output] = s
	}
}

// knows reports whether a file was verified in the state that info says.
func (c *checked) knows(id ID, info fs.FileInfo) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.known[id]
	return ok && s == stampOf(info, s.kind)
}

// verify reports whether a file has the content that its name says, and the kind of it. It
// reads the file unless it did so in the state that info says.
func (c *checked) verify(file string, output ID, info fs.FileInfo) (kind, bool) {
	c.mu.Lock()
	s, ok := c.known[output]
	c.mu.Unlock()
	if ok && s == stampOf(info, s.kind) {
		return s.kind, true
	}
	sum, s, err := inspect(file)
	if err != nil || sum != output {
		return 0, false
	}
	c.add(output, s)
	return s.kind, true
}

// inspect gives the SHA-256 of a file, and its state before it was read.
func inspect(file string) (ID, stamp, error) {
	f, err := os.Open(file)
	if err != nil {
		return ID{}, stamp{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return ID{}, stamp{}, err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	head, err := r.Peek(headSize)
	if err != nil && err != io.EOF {
		return ID{}, stamp{}, err
	}
	s := stampOf(info, kindOf(head))
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return ID{}, stamp{}, err
	}
	return ID(h.Sum(nil)), s, nil
}

// save adds what was verified to what others have saved meanwhile. Unless left is nil, it
// forgets the contents that are not in it, but for those that others have put since.
func (c *checked) save(left map[ID]bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.fresh) == 0 && left == nil {
		return nil
	}
	lock, err := LockFile(c.file+lockSuffix, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	stamps := parseChecked(c.file)
	maps.Copy(stamps, c.fresh)
	var data []byte
	for _, output := range slices.SortedFunc(maps.Keys(stamps), compareID) {
		_, known := c.known[output]
		if s := stamps[output]; left == nil || left[output] || !known {
			data = fmt.Appendf(data, "%s %d %d %d %c\n", output, s.inode, s.size, s.mtime, s.kind)
		}
	}
	if err := replace(c.file, data); err != nil {
		return err
	}
	clear(c.fresh)
	return nil
}
