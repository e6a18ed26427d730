package lab

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// leave frees the space that a machine's folder takes, and removes it when the lab is closed. A file system
// without a journal does not use the inodes of removed files again for minutes, and looks for others the longer
// the more there are: a machine that is measured next would pay for the end of the one before.
// https://github.com/torvalds/linux/blob/v6.12/fs/ext4/ialloc.c, recently_deleted
func (l *Lab) leave(dir string) error {
	l.left = append(l.left, dir)
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		return os.Truncate(path, 0)
	})
}

// removeLeft removes the folders of machines that are no more.
func (l *Lab) removeLeft() error {
	var errs []error
	for _, dir := range l.left {
		errs = append(errs, os.RemoveAll(dir))
	}
	l.left = nil
	return errors.Join(errs...)
}
