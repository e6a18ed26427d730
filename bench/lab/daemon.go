package lab

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// Daemon is a BuildKit of its own.
type Daemon struct {
	*localkit.Kit
	push *localkit.Registry // where images of programs go
	lab  *Lab
}

// NewDaemon starts a daemon with empty caches on the lab's registry. The caller closes it.
func (l *Lab) NewDaemon(ctx context.Context) (*Daemon, error) {
	state, err := os.MkdirTemp(l.states, localkit.TempPrefix)
	if err != nil {
		return nil, err
	}
	k, err := localkit.Start(ctx, localkit.Options{State: state, Registry: l.Registry})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(state))
	}
	return &Daemon{Kit: k, push: l.Registry, lab: l}, nil
}

// Close ends the daemon; its caches are gone.
func (d *Daemon) Close() error { return errors.Join(d.Kit.Close(), d.lab.leave(d.State())) }

func (l *Lab) newDaemon(ctx context.Context) (machine, error) { return l.NewDaemon(ctx) }

// PushTo has the images of programs pushed to another registry, as to one that is not that of base images. The
// caller gives it to [Lab.BuildOn] only.
func (d *Daemon) PushTo(r *localkit.Registry) { d.push = r }

// traffic is that of all registries that the daemon uses.
func (d *Daemon) traffic() localkit.Traffic {
	if d.push == d.Registry {
		return d.push.Traffic()
	}
	return d.push.Traffic().Add(d.Registry.Traffic())
}

// Build times "docker buildx build" with the arguments, from the start of the command to its end.
func (d *Daemon) Build(ctx context.Context, args ...string) (*Sample, error) {
	return timeBuild(ctx, d, d.traffic, args...)
}

// builder is buildx with a builder selected.
type builder interface {
	Buildx(ctx context.Context, args ...string) *exec.Cmd
}

// timeBuild counts the bytes that registries had to do with by traffic.
func timeBuild(ctx context.Context, b builder, traffic func() localkit.Traffic, args ...string) (*Sample, error) {
	cmd := b.Buildx(ctx, append([]string{"build", "--progress=rawjson"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	before, start := traffic(), time.Now()
	err := cmd.Run()
	s := &Sample{Took: time.Since(start), Traffic: traffic().Since(before)}
	steps, text, bad := readProgress(bytes.NewReader(said.Bytes()), start)
	if bad != nil {
		text = said.String()
	}
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", localkit.CommandLine(cmd), err, text)
	}
	s.Steps, s.Said = steps, text
	return s, nil
}

// Push is the flag of "buildx build" that pushes the image to a repository of the lab's registry, as CI does.
func (l *Lab) Push(repo string) []string {
	return pushTo(l.Registry, repo)
}

func pushTo(registry *localkit.Registry, repo string) []string {
	return []string{"--output", "type=image,push=true,name=" + registry.Ref(repo)}
}

func (d *Daemon) build(ctx context.Context, r request) (*Sample, error) {
	return r.push(ctx, d, d.push, d.traffic)
}

// push has a builder push the image to the registry.
func (r request) push(ctx context.Context, b builder, registry *localkit.Registry, traffic func() localkit.Traffic) (*Sample, error) {
	args := append(pushTo(registry, r.image), r.buildFlags()...)
	return timeBuild(ctx, b, traffic, append(args, r.dir)...)
}

func (d *Daemon) look(ctx context.Context, r request, s *Sample) error {
	return s.addPushed(ctx, d.push, r.image, r.Platforms)
}

// addPushed takes the programs of an image that was pushed into account.
func (s *Sample) addPushed(ctx context.Context, registry *localkit.Registry, repo string, platforms []string) error {
	pushed, err := registry.Digest(ctx, repo)
	if err != nil {
		return err
	}
	s.Digest = pushed
	for _, platform := range platforms {
		p, err := v1.ParsePlatform(platform)
		if err != nil {
			return err
		}
		img, err := registry.Image(ctx, repo, *p)
		if err != nil {
			return err
		}
		if err := s.addFiles(img, platform); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sample) addFiles(img v1.Image, platform string) error {
	files := mutate.Extract(img)
	defer files.Close()
	for r := tar.NewReader(files); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || h.Mode&0o111 == 0 { // not a program
			continue
		}
		if err := s.add(path.Join(platform, path.Base(h.Name)), r); err != nil {
			return err
		}
	}
}

// cacheBlobs gives the parts of the cache at repo.
func cacheBlobs(ctx context.Context, registry *localkit.Registry, repo string) ([]result.Blob, error) {
	var parts []v1.Descriptor
	if index, err := registry.Index(ctx, repo); err == nil {
		m, err := index.IndexManifest()
		if err != nil {
			return nil, err
		}
		parts = m.Manifests
	} else {
		img, err := registry.Image(ctx, repo, v1.Platform{})
		if err != nil {
			return nil, err
		}
		m, err := img.Manifest()
		if err != nil {
			return nil, err
		}
		parts = append(m.Layers, m.Config)
	}
	var blobs []result.Blob
	for _, d := range parts {
		blobs = append(blobs, result.Blob{Digest: strings.TrimPrefix(d.Digest.String(), "sha256:"), Size: d.Size})
	}
	return blobs, nil
}
