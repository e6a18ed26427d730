// Package localkit runs a real BuildKit on this machine: daemon, command lines, registry and
// toolchain image, from the programs pinned in tools/. The demo, the tests and the benchmark use it.
//
// Everything it downloads or builds is kept in one folder, see [CacheDir], and made once.
package localkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrUnsupported is wrapped by the error of [Start] on a machine where BuildKit cannot run.
var ErrUnsupported = errors.New("BuildKit cannot run here")

// CacheDir is the folder of everything that outlives a kit: $XBUILD_CACHE, else the folder
// "xbuild" in the user's cache folder. It is absolute and exists.
func CacheDir() (string, error) {
	dir := os.Getenv("XBUILD_CACHE")
	if dir == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder: %w (set XBUILD_CACHE)", err)
		}
		dir = filepath.Join(base, "xbuild")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// RepositoryRoot is the nearest folder, from the working directory upwards, that holds the
// pinned tools.
func RepositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "tools", "buildkit", "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no tools/buildkit/go.mod in %s or a folder above it", start)
		}
	}
}

// lock takes the exclusive lock of the file at path, which it creates, and waits for it.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	for {
		unlock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// errLocked is the error of tryLock when another holder has the file.
var errLocked = errors.New("in use")
