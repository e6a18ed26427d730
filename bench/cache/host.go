package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// host is the go command of this machine with a build cache and a module cache in a folder.
type host struct{ dir string }

// newHost gives the function that makes hosts in folders of temp.
func newHost(temp string) func(context.Context) (machine, error) {
	return func(context.Context) (machine, error) {
		dir, err := os.MkdirTemp(temp, "host-")
		return host{dir}, err
	}
}

func (h host) Close() error { return os.RemoveAll(h.dir) }

// build runs go build for all platforms at once, as BuildKit does.
func (h host) build(ctx context.Context, r request) (*sample, error) {
	out := filepath.Join(h.dir, "out")
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	start := time.Now()
	eg, ctx := errgroup.WithContext(ctx)
	for _, platform := range platforms() {
		eg.Go(func() error { return h.compile(ctx, r, platform, filepath.Join(out, platform)) })
	}
	err := eg.Wait()
	took := time.Since(start)
	if err != nil {
		return nil, err
	}
	sums, err := sumFolder(out)
	return &sample{took: took, binaries: sums}, err
}

func (h host) compile(ctx context.Context, r request, platform, out string) error {
	ldflags := "-s -w"
	if r.stamped {
		ldflags += " -X main.version=" + r.version
	}
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-modcacherw", "-ldflags=" + ldflags, "-o", out + "/"}, r.mains...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = r.dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), buildEnv(platform)...)
	cmd.Env = append(cmd.Env, "GOCACHE="+filepath.Join(h.dir, "build"), "GOMODCACHE="+filepath.Join(h.dir, "mod"))
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// sumFolder gives the files below dir as [sample] does.
func sumFolder(dir string) (map[string]string, error) {
	sums := map[string]string{}
	return sums, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		sums[path.Clean(name)] = fmt.Sprintf("%x", sha256.Sum256(content))
		return err
	})
}
