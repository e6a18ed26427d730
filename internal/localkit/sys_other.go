//go:build !linux

package localkit

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

func supported() error {
	return fmt.Errorf("%w: it needs Linux, this is %s; set BUILDKIT_HOST to a BuildKit elsewhere, or start a Docker engine with buildx",
		ErrUnsupported, runtime.GOOS)
}

// tryLock holds among goroutines and processes that exit in order: it leaves a folder behind
// when the process is killed.
func tryLock(path string) (unlock func(), err error) {
	held := path + ".held"
	err = os.Mkdir(held, 0o755)
	if os.IsExist(err) {
		return nil, fmt.Errorf("%s: %w", held, errLocked)
	}
	return func() { os.Remove(held) }, err
}

func startContained(*exec.Cmd, func() error) (<-chan error, error) { return nil, supported() }

func enterNetwork() (leave func(), err error) { return nil, supported() }
