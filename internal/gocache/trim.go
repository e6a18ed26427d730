package gocache

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	trimFile     = "trim.txt" // the time of the last trim in Unix seconds, as the go command writes it
	trimInterval = 24 * time.Hour
	entryLimit   = 5*24*time.Hour + useInterval // since the last use
	contentLimit = 24 * time.Hour               // since it was put, without an entry
	tempLimit    = time.Hour                    // since it was written to
)

// trim removes, unless that was done within a day, the entries that nobody has used for five
// days, the contents that no entry names, and what killed builds have left. It gives the
// contents that are left, or nil when it was not due. What is in the way is passed over.
//
// A content goes one trim after its entry, so that a build that has found the entry has a day.
func (s *Store) trim(now time.Time) (left map[ID]bool, err error) {
	file := filepath.Join(string(s.dir), trimFile)
	if data, err := os.ReadFile(file); err == nil && recent(data, now) {
		return nil, nil
	}
	if err := replace(file, fmt.Appendf(nil, "%d", now.Unix())); err != nil {
		return nil, err
	}
	named, contents := map[ID]bool{}, map[ID]bool{}
	var packed []ID
	err = s.dir.walk(func(file string, e fs.DirEntry) {
		name := e.Name()
		id, ok := parseID(name[:max(0, len(name)-2)])
		switch {
		case strings.HasPrefix(name, tempPrefix):
			removeOld(file, now, tempLimit)
		case ok && strings.HasSuffix(name, "-a"):
			if e, _, ok := s.dir.entry(id); ok {
				named[e.Output] = true
			}
			removeOld(file, now, entryLimit)
		case ok && strings.HasSuffix(name, "-d"):
			contents[id] = true
		case ok && strings.HasSuffix(name, packedSuffix):
			packed = append(packed, id)
		}
	})
	if err != nil {
		return nil, err
	}
	temps, err := filepath.Glob(filepath.Join(string(s.dir), tempPrefix+"*"))
	if err != nil {
		return nil, err
	}
	for _, file := range temps {
		removeOld(file, now, tempLimit)
	}
	for id := range contents {
		if named[id] {
			continue
		}
		removed, err := s.removeContent(id, now)
		if err != nil {
			return nil, err
		}
		if removed {
			delete(contents, id)
		}
	}
	for _, id := range packed {
		if contents[id] {
			continue
		}
		if err := s.removeFrame(id, now); err != nil {
			return nil, err
		}
	}
	for id := range maps.Clone(contents) {
		contents[packedID(id)] = true
	}
	return contents, nil
}

// recent reports whether the time in a trimFile is less than a day ago, and not after now.
func recent(data []byte, now time.Time) bool {
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	age := now.Sub(time.Unix(seconds, 0))
	return err == nil && age < trimInterval && age > -useInterval
}

// removeContent removes a content that had no entry, unless somebody has put it again.
func (s *Store) removeContent(id ID, now time.Time) (bool, error) {
	lock, err := s.lock(syscall.LOCK_EX)
	if err != nil {
		return false, err
	}
	defer lock.Close()
	if !removeOld(s.dir.file(id, "-d"), now, contentLimit) {
		return false, nil
	}
	return true, os.RemoveAll(s.dir.file(id, packedSuffix))
}

// removeFrame removes a frame whose content is gone, as somebody leaves it who is killed while removing both, unless that was
// put again.
func (s *Store) removeFrame(id ID, now time.Time) error {
	lock, err := s.lock(syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := os.Lstat(s.dir.file(id, "-d")); errors.Is(err, fs.ErrNotExist) {
		removeOld(s.dir.file(id, packedSuffix), now, contentLimit)
	}
	return nil
}

// removeOld removes a file, or a folder as the go command makes for a program, that was not
// changed for some time, and reports whether it did.
func removeOld(file string, now time.Time, limit time.Duration) bool {
	info, err := os.Lstat(file)
	return err == nil && now.Sub(info.ModTime()) > limit && os.RemoveAll(file) == nil
}

// State is another text for another store, and after a trim: entries stay while it is the same. A
// store without one gets one.
func (s *Store) State() (string, error) {
	file := filepath.Join(string(s.dir), trimFile)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) { // it is empty, so there is nothing to trim
		data = fmt.Appendf(nil, "%d", time.Now().Unix())
		err = replace(file, data)
	}
	return strings.TrimSpace(string(data)), err
}
