package localkit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/acme/xbuild/spec"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// Frontend is the repository of the frontend image: "# syntax=acme/xbuild" names it.
const Frontend = "acme/xbuild"

// PushFrontend compiles the frontend's programs from the source in root, makes an image of them as root's spec says, for
// this machine's architecture, and makes it what "# syntax=acme/xbuild" names in builds with [Kit.FrontendArgs]. It gives
// repository@digest in the kit's registry. No builder is needed: the first frontend can't be built by itself.
func (k *Kit) PushFrontend(ctx context.Context, root string) (string, error) {
	img, err := frontendImage(ctx, root)
	if err != nil {
		return "", fmt.Errorf("frontend image: %w", err)
	}
	ref, err := k.Registry.Push(ctx, Frontend+":latest", img)
	if err != nil || !k.external {
		return ref, err
	}
	dir := filepath.Join(k.state, "frontend")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return "", err
	}
	_, digest, _ := strings.Cut(ref, "@")
	k.frontend = []string{"--build-context", Frontend + "=oci-layout://" + dir + "@" + digest}
	return ref, path.AppendImage(img)
}

// frontendImage is the image that the spec of the repository in root describes.
func frontendImage(ctx context.Context, root string) (v1.Image, error) {
	name := filepath.Join(root, "xbuild.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := spec.Parse(name, data)
	if err != nil {
		return nil, err
	}
	shipped := s.Images[s.Default]
	temp, err := os.MkdirTemp("", "xbuild-frontend-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	files := Files{}
	for _, b := range shipped.Binaries {
		program := filepath.Join(temp, b.Name)
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", program, s.Binaries[b.Name].Main)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH, "GOFLAGS=", "GOWORK=off")
		if err := run(cmd); err != nil {
			return nil, err
		}
		content, err := os.ReadFile(program)
		if err != nil {
			return nil, err
		}
		files[b.Dest()] = File{Content: content, Mode: 0o755}
	}
	return NewImage("linux/"+runtime.GOARCH, v1.Config{Entrypoint: shipped.Entrypoint, Labels: shipped.Labels}, files)
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
