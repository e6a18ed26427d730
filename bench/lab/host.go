package lab

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

// Host is the go command of this machine with a build cache and a module cache in a folder.
type Host struct{ dir string }

// NewHost makes one whose caches are empty. The caller closes it.
func (l *Lab) NewHost() (*Host, error) {
	dir, err := os.MkdirTemp(l.Temp, "host-")
	return &Host{dir}, err
}

func (l *Lab) newHost(context.Context) (machine, error) { return l.NewHost() }

// Close removes the caches.
func (h *Host) Close() error { return os.RemoveAll(h.dir) }

// Go runs the go command in a folder for a platform, "" for this machine's, with further environment variables.
func (h *Host) Go(ctx context.Context, dir, platform string, env []string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), buildEnv(platform)...)
	cmd.Env = append(cmd.Env, "GOCACHE="+filepath.Join(h.dir, "build"), "GOMODCACHE="+filepath.Join(h.dir, "mod"))
	cmd.Env = append(cmd.Env, env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// build runs go build for all platforms at once, as BuildKit does.
func (h *Host) build(ctx context.Context, r request) (*Sample, error) {
	out := h.out(r)
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	start := time.Now()
	eg, ctx := errgroup.WithContext(ctx)
	for _, platform := range r.Platforms {
		eg.Go(func() error { return h.compile(ctx, r, platform, filepath.Join(out, platform)) })
	}
	err := eg.Wait()
	return &Sample{Took: time.Since(start)}, err
}

func (h *Host) binaries(_ context.Context, r request) (map[string]string, error) {
	return sumFolder(h.out(r))
}

// out is the folder of what is built from a program.
func (h *Host) out(r request) string { return filepath.Join(h.dir, "out", r.Name) }

func (h *Host) compile(ctx context.Context, r request, platform, out string) error {
	ldflags := "-s -w"
	if r.Stamped {
		ldflags += " -X main.version=" + r.version
	}
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-modcacherw", "-ldflags=" + ldflags, "-o", out + "/"}, r.Mains...)
	return h.Go(ctx, r.dir, platform, nil, args...)
}

// sumFolder gives the files below dir as [Sample] does.
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
