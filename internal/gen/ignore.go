package gen

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

// withoutIgnored gives the directory without what its .dockerignore leaves out: itself, or a
// copy that holds only what a scan and the narrowing of source read. The patterns mean
// what they mean to a client of BuildKit. A file named as the spec with .dockerignore
// after it goes before.
func withoutIgnored(dir, file string) (string, error) {
	patterns, err := ignorePatterns(file+".dockerignore", filepath.Join(dir, ".dockerignore"))
	if err != nil || len(patterns) == 0 {
		return dir, err
	}
	whole, err := fsutil.NewFS(dir)
	if err != nil {
		return "", err
	}
	rest, err := fsutil.NewFilterFS(whole, &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return "", err
	}
	out, err := os.MkdirTemp("", "xbuild-context-")
	if err != nil {
		return "", err
	}
	if err := copyTree(rest, dir, out); err != nil {
		return "", errors.Join(err, os.RemoveAll(out))
	}
	return out, nil
}

// ignorePatterns are those of the first file that is there.
func ignorePatterns(files ...string) ([]string, error) {
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return ignorefile.ReadAll(f)
	}
	return nil, nil
}

// copyTree copies directories and links, and hard links files where it can: they are only read.
func copyTree(from fsutil.FS, dir, to string) error {
	return from.Walk(context.Background(), "", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		dest := filepath.Join(to, name)
		switch {
		case d.IsDir():
			return os.MkdirAll(dest, 0o755)
		case info.Mode()&fs.ModeSymlink != 0:
			return os.Symlink(info.Sys().(*types.Stat).Linkname, dest)
		case !info.Mode().IsRegular():
			return nil
		}
		if os.Link(filepath.Join(dir, name), dest) == nil {
			return nil
		}
		return copyFile(from, name, dest)
	})
}

func copyFile(from fsutil.FS, name, dest string) error {
	in, err := from.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(dest)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
