package gocache_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/gocache"
)

var scratch string // of all tests, for what is made once

// TestMain is also the program that a go command starts, see serveMain, and that of TestWriteLayerFull.
func TestMain(m *testing.M) {
	if code, ok := otherMain(os.Args[1:]); ok {
		os.Exit(code)
	}
	var err error
	if scratch, err = os.MkdirTemp("", "gocache-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

func otherMain(args []string) (code int, ok bool) {
	var err error
	switch {
	case len(args) > 1 && args[0] == "serve":
		err = serveMain(args[1:])
	case len(args) == 2 && args[0] == "full":
		err = fullMain(args[1])
	default:
		return 0, false
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1, true
	}
	return 0, true
}

func write(t *testing.T, file, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// age sets the modification time of a file to some time ago.
func age(t *testing.T, file string, ago time.Duration) time.Time {
	t.Helper()
	at := time.Now().Add(-ago)
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
	return at
}

func id(s string) gocache.ID { return sha256.Sum256([]byte(s)) }

func entry(content string) gocache.Entry {
	return gocache.Entry{Output: id(content), Size: int64(len(content)), Time: time.Unix(1, 2)}
}

// file is the path of a file in a GOCACHE directory.
func file[D string | gocache.Dir](dir D, id gocache.ID, suffix string) string {
	return filepath.Join(string(dir), id.String()[:2], id.String()+suffix)
}

// putter is a Dir or a Store.
type putter interface {
	Put(gocache.ID, gocache.Entry, []byte) (string, error)
}

func put(t *testing.T, to putter, action, content string) string {
	t.Helper()
	name, err := to.Put(id(action), entry(content), []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func open(t *testing.T, dir string) *gocache.Store {
	t.Helper()
	s, err := gocache.OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s *gocache.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// files gives the files in the folders below a directory, but not those in it itself.
func files[D string | gocache.Dir](t *testing.T, dir D) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(string(dir), func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Dir(p) != string(dir) {
			rel, _ := filepath.Rel(string(dir), p)
			names = append(names, rel)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}
