package localkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Frontend is the repository of the frontend image: "# syntax=acme/xbuild" names it.
const Frontend = "acme/xbuild"

// PushFrontend builds the Dockerfile in dir for this machine's architecture and makes it what "# syntax=acme/xbuild"
// names in builds with [Kit.FrontendArgs]. It gives repository@digest in the kit's registry.
func (k *Kit) PushFrontend(ctx context.Context, dir string) (string, error) {
	image := filepath.Join(k.state, "frontend")
	if err := os.RemoveAll(image); err != nil {
		return "", err
	}
	ref, err := k.build(ctx, image, Frontend+":latest", dir, "--platform", "linux/"+runtime.GOARCH, "--provenance=false")
	if err != nil {
		return "", fmt.Errorf("frontend image: %w", err)
	}
	if k.external {
		_, digest, _ := strings.Cut(ref, "@")
		k.frontend = []string{"--build-context", Frontend + "=oci-layout://" + image + "@" + digest}
	}
	return ref, nil
}

// FrontendArgs are the flags of "buildx build" that make "# syntax=acme/xbuild" name the image of
// [Kit.PushFrontend]. The kit's own daemon needs none.
func (k *Kit) FrontendArgs() []string { return slices.Clone(k.frontend) }

// Build runs "docker buildx build" with flags and dir as the context, and gives repository@digest of the result, which is
// in the kit's registry under repo. The command line and its progress go to the log. The first line of
// an error is buildx's own, the last lines of the progress follow.
func (k *Kit) Build(ctx context.Context, repo, dir string, flags ...string) (string, error) {
	return k.build(ctx, "", repo, dir, append(k.FrontendArgs(), flags...)...)
}

// build is Build. Where the builder cannot push to the kit's registry, the result is also left
// as an OCI layout in the folder image, unless that is "".
func (k *Kit) build(ctx context.Context, image, repo, dir string, flags ...string) (string, error) {
	scratch, err := os.MkdirTemp(k.state, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	metadata := filepath.Join(scratch, "metadata.json")
	if image == "" {
		image = filepath.Join(scratch, "image")
	}
	output := "type=image,name=" + k.Registry.Ref(repo) + ",push=true"
	if k.external {
		output = "type=oci,tar=false,dest=" + image
	}
	args := append([]string{"build", "--output", output, "--metadata-file", metadata}, flags...)
	cmd := k.Buildx(ctx, append(args, dir)...)
	fmt.Fprintf(k.log, "$ %s\n", CommandLine(cmd))
	var said bytes.Buffer
	cmd.Stdout = io.MultiWriter(k.log, &said)
	cmd.Stderr = cmd.Stdout
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("buildx build: %w", context.Cause(ctx))
		}
		if reason := afterPrefix(said.Bytes(), "ERROR: failed to build: "); reason != "" {
			err = errors.New(reason)
		}
		return "", fmt.Errorf("buildx build: %w%s", err, lastLines(said.Bytes(), 20))
	}
	if k.external {
		return k.pushLayout(ctx, repo, image)
	}
	b, err := os.ReadFile(metadata)
	if err != nil {
		return "", err
	}
	var result struct {
		Digest string `json:"containerimage.digest"`
	}
	if err := json.Unmarshal(b, &result); err != nil {
		return "", fmt.Errorf("buildx build: %w", err)
	}
	ref, err := k.Registry.parse(repo)
	if err != nil {
		return "", err
	}
	return ref.Context().RepositoryStr() + "@" + result.Digest, nil
}

// pushLayout pushes the one image or index of an OCI layout.
func (k *Kit) pushLayout(ctx context.Context, repo, dir string) (string, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return "", err
	}
	list, err := index.IndexManifest()
	if err != nil {
		return "", err
	}
	if len(list.Manifests) != 1 {
		return "", fmt.Errorf("buildx build: %d results, want 1", len(list.Manifests))
	}
	desc := list.Manifests[0]
	if desc.MediaType.IsIndex() {
		child, err := index.ImageIndex(desc.Digest)
		if err != nil {
			return "", err
		}
		return k.Registry.Push(ctx, repo, child)
	}
	child, err := index.Image(desc.Digest)
	if err != nil {
		return "", err
	}
	return k.Registry.Push(ctx, repo, child)
}
