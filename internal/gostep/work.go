package gostep

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
)

// completeSums makes the go command use a copy of the workspace's go.work, beside the go.work.sum that the
// deps step has completed, if it has. The source is read-only, and where the go command misses a
// line of go.work.sum it wants to write there.
func (c caches) completeSums(work string) error {
	for _, layer := range c.layers {
		sums, err := os.ReadFile(filepath.Join(layer, workSums))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		data, err := os.ReadFile("go.work")
		if err != nil {
			return err
		}
		if data, err = movedWork(data, dir); err != nil {
			return err
		}
		copied := filepath.Join(work, "go.work")
		if err := os.WriteFile(copied, data, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(work, workSums), sums, 0o644); err != nil {
			return err
		}
		return os.Setenv("GOWORK", copied)
	}
	return nil
}

// movedWork is a go.work of dir that means the same in any other directory.
func movedWork(data []byte, dir string) ([]byte, error) {
	f, err := modfile.ParseWork("go.work", data, nil)
	if err != nil {
		return nil, err
	}
	absolute := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	var uses []*modfile.Use
	for _, u := range f.Use {
		uses = append(uses, &modfile.Use{Path: absolute(u.Path)})
	}
	f.SetUse(uses)
	for _, r := range f.Replace {
		if modfile.IsDirectoryPath(r.New.Path) {
			if err := f.AddReplace(r.Old.Path, r.Old.Version, absolute(r.New.Path), ""); err != nil {
				return nil, err
			}
		}
	}
	f.Cleanup()
	return modfile.Format(f.Syntax), nil
}
