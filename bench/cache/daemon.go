package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// daemon is a BuildKit.
type daemon struct{ *localkit.Kit }

// newDaemon gives the function that starts daemons with empty caches on one registry.
func newDaemon(registry *localkit.Registry) func(context.Context) (machine, error) {
	return func(ctx context.Context) (machine, error) {
		k, err := localkit.Start(ctx, localkit.Options{Registry: registry})
		if err != nil {
			return nil, err
		}
		return daemon{k}, nil
	}
}

// build runs "docker buildx build" and pushes the image to the registry, as CI does.
func (d daemon) build(ctx context.Context, r request) (*sample, error) {
	args := append([]string{"build", "--progress=rawjson",
		"--output", "type=image,push=true,name=" + d.Registry.Ref(r.image)}, r.buildFlags()...)
	cmd := d.Buildx(ctx, append(args, r.dir)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	s := &sample{took: time.Since(start)}
	steps, text, bad := readProgress(bytes.NewReader(said.Bytes()), start)
	if bad != nil {
		text = said.String()
	}
	if err = errors.Join(err, bad); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", localkit.CommandLine(cmd), err, text)
	}
	s.steps = steps
	s.binaries, err = pushedBinaries(ctx, d.Registry, r.image)
	return s, err
}

// pushedBinaries gives the files of an image of several platforms as [sample] does.
func pushedBinaries(ctx context.Context, registry *localkit.Registry, repo string) (map[string]string, error) {
	sums := map[string]string{}
	for _, platform := range platforms() {
		p, err := v1.ParsePlatform(platform)
		if err != nil {
			return nil, err
		}
		img, err := registry.Image(ctx, repo, *p)
		if err != nil {
			return nil, err
		}
		if err := sumFiles(img, platform, sums); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func sumFiles(img v1.Image, platform string, sums map[string]string) error {
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
		sum := sha256.New()
		if _, err := io.Copy(sum, r); err != nil {
			return err
		}
		sums[path.Join(platform, path.Base(h.Name))] = fmt.Sprintf("%x", sum.Sum(nil))
	}
}

// blob is a part of an exported cache.
type blob struct {
	digest string
	size   int64
}

// cacheBlobs gives the parts of the cache at repo.
func cacheBlobs(ctx context.Context, registry *localkit.Registry, repo string) ([]blob, error) {
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
	var blobs []blob
	for _, d := range parts {
		blobs = append(blobs, blob{strings.TrimPrefix(d.Digest.String(), "sha256:"), d.Size})
	}
	return blobs, nil
}
