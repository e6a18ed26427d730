package lab

import (
	"bytes"
	"context"
	"errors"
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

// The folders of a host's caches.
const (
	buildCache  = "build"
	moduleCache = "mod"
)

// Host is the go command of this machine with a build cache and a module cache in a folder.
type Host struct {
	dir string
	lab *Lab
}

// NewHost makes one whose caches are empty. The caller closes it.
func (l *Lab) NewHost() (*Host, error) {
	dir, err := os.MkdirTemp(l.Temp, "host-")
	if err != nil {
		return nil, err
	}
	return &Host{dir, l}, errors.Join(os.Mkdir(filepath.Join(dir, buildCache), 0o755), os.Mkdir(filepath.Join(dir, moduleCache), 0o755))
}

func (l *Lab) newHost(context.Context) (machine, error) { return l.NewHost() }

// Close empties the caches.
func (h *Host) Close() error { return h.lab.leave(h.dir) }

// Go runs the go command in a folder for a platform, "" for this machine's, with further environment variables.
func (h *Host) Go(ctx context.Context, dir, platform string, env []string, args ...string) error {
	_, err := h.run(ctx, dir, platform, env, args...)
	return err
}

// run gives the processor time that the go command and what it started took.
func (h *Host) run(ctx context.Context, dir, platform string, env []string, args ...string) (time.Duration, error) {
	cmd := h.command(ctx, dir, platform, "go", args...)
	cmd.Env = append(cmd.Env, env...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said))
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// save packs both caches into a file, as CI does at the end of a job.
func (h *Host) save(ctx context.Context, file string) error {
	return h.tar(ctx, "-czf", file, buildCache, moduleCache)
}

func (h *Host) tar(ctx context.Context, args ...string) error {
	if said, err := exec.CommandContext(ctx, "tar", append([]string{"-C", h.dir}, args...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("tar %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(said))
	}
	return nil
}

// command is a program in a folder, in which the go command has the host's caches.
func (h *Host) command(ctx context.Context, dir, platform, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(os.Environ(), buildEnv(platform)...)
	cmd.Env = append(cmd.Env, "GOCACHE="+filepath.Join(h.dir, buildCache), "GOMODCACHE="+filepath.Join(h.dir, moduleCache))
	return cmd
}

// restored is a host that begins with the caches of another, as CI does at the start of a job.
type restored struct {
	*Host
	file string // that save made
}

func (r restored) build(ctx context.Context, req request) (*Sample, error) {
	start := time.Now()
	if err := r.tar(ctx, "-xzf", r.file); err != nil {
		return nil, err
	}
	took := time.Since(start)
	s, err := r.Host.build(ctx, req)
	if err != nil {
		return nil, err
	}
	s.Took += took
	return s, nil
}

// build runs go build for all platforms at once, as BuildKit does.
func (h *Host) build(ctx context.Context, r request) (*Sample, error) {
	out := h.out(r)
	if err := os.RemoveAll(out); err != nil {
		return nil, err
	}
	cpu := make([]time.Duration, len(r.Platforms))
	start := time.Now()
	eg, ctx := errgroup.WithContext(ctx)
	for i, platform := range r.Platforms {
		eg.Go(func() (err error) {
			cpu[i], err = h.compile(ctx, r, platform, filepath.Join(out, platform))
			return err
		})
	}
	err := eg.Wait()
	s := &Sample{Took: time.Since(start)}
	for _, c := range cpu {
		s.CPU += c
	}
	return s, err
}

func (h *Host) look(_ context.Context, r request, s *Sample) error { return s.addFolder(h.out(r)) }

// out is the folder of what is built from a program.
func (h *Host) out(r request) string { return filepath.Join(h.dir, "out", r.Name) }

func (h *Host) compile(ctx context.Context, r request, platform, out string) (time.Duration, error) {
	ldflags := "-s -w"
	if r.Stamped {
		ldflags += " -X main.version=" + r.version
	}
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-modcacherw", "-ldflags=" + ldflags, "-o", out + "/"}, r.Mains...)
	return h.run(ctx, r.dir, platform, nil, args...)
}

// addFolder takes the files below dir into account, whose folders are platforms.
func (s *Sample) addFolder(dir string) error {
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		return s.add(path.Clean(name), bytes.NewReader(content))
	})
}
