package gocache

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Store is the read-write tier: a GOCACHE directory on a cache mount, which many builds share
// at once. A go command that uses the same directory by itself may read, but its trimming
// does not know what a Store uses.
//
// The methods are safe for concurrent use, also by several processes.
type Store struct {
	dir     Dir
	checked checked
}

// OpenStore opens a directory, which it makes when there is none.
func OpenStore(dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return &Store{dir: Dir(dir), checked: readChecked(filepath.Join(dir, checkedFile))}, nil
}

// Get gives the entry of an action and the file of its content, which stays for at least a
// day. The content is verified when its file has changed since it was last verified. An entry
// that is absent or damaged, or a module index, is not found; the next Put of its action
// replaces what is damaged.
func (s *Store) Get(action ID) (Entry, string, bool) {
	f, ok := s.find(action)
	return f.Entry, f.file, ok
}

func (s *Store) find(action ID) (found, bool) {
	f, ok := s.findAny(action)
	if !ok || f.kind == index {
		return found{}, false
	}
	return f, true
}

// findAny is find that finds a module index too.
func (s *Store) findAny(action ID) (found, bool) {
	e, used, ok := s.dir.entry(action)
	if !ok {
		return found{}, false
	}
	file, info, ok := s.dir.content(e)
	if !ok {
		return found{}, false
	}
	kind, ok := s.checked.verify(file, e.Output, info)
	if !ok {
		return found{}, false
	}
	if time.Since(used) > useInterval {
		refresh(s.dir.file(action, "-a"))
	}
	return found{e, file, kind}, true
}

// Put stores the output of an action and gives the file of its content, which stays for at
// least a day. It appears complete or not at all, and before the entry. A file of another
// content is replaced. Content that is not what the entry says is an error.
func (s *Store) Put(action ID, e Entry, content []byte) (string, error) {
	return s.put(action, e, content, s.dir.Put)
}

// put is Put by a function that writes the files, under the lock.
func (s *Store) put(action ID, e Entry, content []byte, write func(ID, Entry, []byte) (string, error)) (string, error) {
	lock, err := s.lock(syscall.LOCK_SH)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	file, err := write(action, e, content)
	if err != nil {
		return "", err
	}
	if info, err := os.Lstat(file); err == nil {
		s.checked.add(e.Output, stampOf(info, kindOf(content)))
	}
	return file, nil
}

// Close saves what was verified and, at most once a day, removes what nobody has used for
// days. Both only cost time when they fail.
func (s *Store) Close() error {
	left, err := s.trim(time.Now())
	return errors.Join(err, s.checked.save(left))
}

// lock keeps trimming from removing a content that a Put takes for stored (LOCK_SH), or Puts
// from doing so (LOCK_EX), until the file is closed.
func (s *Store) lock(how int) (*os.File, error) {
	return LockFile(filepath.Join(string(s.dir), "lock"), how)
}

// LockFile takes the lock of a file, which it makes if need be, until the file is closed or the process
// ends; how is LOCK_SH or LOCK_EX.
func LockFile(name string, how int) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; err == syscall.EINTR; {
		err = syscall.Flock(int(f.Fd()), how)
	}
	if err != nil {
		f.Close()
		return nil, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return f, nil
}
