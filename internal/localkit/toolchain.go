package localkit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// toolchain is the Go installation of this machine.
type toolchain struct {
	GOROOT, GOVERSION, GOOS, GOARCH string
	bundle                          []byte // CA certificates, PEM; may be empty
}

func hostToolchain(ctx context.Context) (toolchain, error) {
	return toolchainOf(ctx, os.Getenv("GOTOOLCHAIN"))
}

// toolchainOf is the one that the go command takes with that GOTOOLCHAIN. It may download it.
func toolchainOf(ctx context.Context, selected string) (toolchain, error) {
	var t toolchain
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOROOT", "GOVERSION", "GOOS", "GOARCH")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOTOOLCHAIN="+selected)
	var out bytes.Buffer
	cmd.Stdout = &out
	err := run(cmd)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(out.Bytes(), &t); err != nil {
		return t, fmt.Errorf("go env: %w", err)
	}
	t.bundle, err = certificates()
	return t, err
}

// certificates is the CA bundle that programs on this machine use; nil where none is found.
func certificates() ([]byte, error) {
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		return os.ReadFile(file)
	}
	for _, file := range []string{ // as in crypto/x509
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",
		"/etc/pki/tls/cacert.pem",
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
		"/etc/ssl/cert.pem",
	} {
		b, err := os.ReadFile(file)
		if !errors.Is(err, fs.ErrNotExist) {
			return b, err
		}
	}
	return nil, nil
}

// publishToolchain serves the toolchain image under the -alpine tags of the official golang image that it can stand for.
// The image is a Go distribution, CA certificates and empty folders: no shell.
func (r *Registry) publishToolchain(ctx context.Context, log io.Writer, cache string) error {
	t, err := hostToolchain(ctx)
	if err != nil {
		return err
	}
	img, err := r.toolchainImage(ctx, log, cache, t)
	if err != nil {
		return fmt.Errorf("toolchain image: %w", err)
	}
	for _, tag := range t.tags() {
		if err := r.tag(ctx, "library/golang:"+strings.TrimPrefix(tag+"-alpine", "latest-"), img); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) toolchainImage(ctx context.Context, log io.Writer, cache string, t toolchain) (v1.Image, error) {
	return r.cachedImage(ctx, cache, "golang-"+t.key(), func(dir string) (v1.Image, error) {
		fmt.Fprintf(log, "toolchain image: packing %s (once)\n", t.GOVERSION)
		return t.image(dir)
	})
}

// publishDockerfile serves BuildKit's own frontend as docker/dockerfile:1.
func (r *Registry) publishDockerfile(ctx context.Context, cache, program string) error {
	key := filepath.Base(filepath.Dir(program))
	img, err := r.cachedImage(ctx, cache, "dockerfile-"+key, func(string) (v1.Image, error) {
		b, err := os.ReadFile(program)
		if err != nil {
			return nil, err
		}
		t, err := hostToolchain(ctx)
		if err != nil {
			return nil, err
		}
		return NewImage(t.GOOS+"/"+t.GOARCH, v1.Config{
			Entrypoint: []string{"/bin/dockerfile-frontend"},
			Labels: map[string]string{ // those of its Dockerfile, in frontend/dockerfile/cmd/dockerfile-frontend
				"moby.buildkit.frontend.network.none": "true",
				"moby.buildkit.frontend.caps": "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests," +
					"moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd",
			},
		}, Files{"/bin/dockerfile-frontend": {Content: b, Mode: 0o755}})
	})
	if err != nil {
		return fmt.Errorf("dockerfile frontend image: %w", err)
	}
	for _, tag := range []string{"1", "latest"} {
		if err := r.tag(ctx, "docker/dockerfile:"+tag, img); err != nil {
			return err
		}
	}
	return nil
}

// PublishToolchain serves another Go than the machine's, as 1.23.12, from the Go module proxy, under the -alpine tags of
// the official image with that version and, unless the machine's is of it, with its line. https://go.dev/doc/toolchain
func (k *Kit) PublishToolchain(ctx context.Context, version string) error {
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	t, err := toolchainOf(ctx, "go"+version)
	if err != nil {
		return err
	}
	if t.version() != version {
		return fmt.Errorf("the go command gives %s for go%s", t.GOVERSION, version)
	}
	img, err := k.Registry.toolchainImage(ctx, k.log, cache, t)
	if err != nil {
		return err
	}
	host, err := hostToolchain(ctx)
	if err != nil {
		return err
	}
	for _, tag := range []string{version, version[:strings.LastIndexByte(version, '.')]} {
		if slices.Contains(host.tags(), tag) {
			continue
		}
		if err := k.Registry.tag(ctx, "library/golang:"+tag+"-alpine", img); err != nil {
			return err
		}
	}
	return nil
}

// ServeToolchainAs serves the machine's Go under the -alpine tag of another patch release of its line, which it can stand
// for: go.mod files name such releases.
func (k *Kit) ServeToolchainAs(ctx context.Context, version string) error {
	t, img, err := k.hostImage(ctx)
	if err != nil {
		return err
	}
	if line := version[:max(0, strings.LastIndexByte(version, '.'))]; !slices.Contains(t.tags(), line) {
		return fmt.Errorf("%s can't stand for Go %s", t.GOVERSION, version)
	}
	return k.Registry.tag(ctx, "library/golang:"+version+"-alpine", img)
}

// hostImage is the toolchain image of the machine's Go.
func (k *Kit) hostImage(ctx context.Context) (toolchain, v1.Image, error) {
	cache, err := CacheDir()
	if err != nil {
		return toolchain{}, nil, err
	}
	t, err := hostToolchain(ctx)
	if err != nil {
		return t, nil, err
	}
	img, err := k.Registry.toolchainImage(ctx, k.log, cache, t)
	return t, img, err
}

// cachedImage is the image in the OCI layout images/<key> of the cache, which it makes with build
// when it is not there, and whose blobs the registry serves. build may use dir for its files.
func (r *Registry) cachedImage(ctx context.Context, cache, key string, build func(dir string) (v1.Image, error)) (v1.Image, error) {
	images := filepath.Join(cache, "images")
	if err := os.MkdirAll(images, 0o755); err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, filepath.Join(images, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	dir := filepath.Join(images, key)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		temp, err := os.MkdirTemp(images, "partial-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(temp)
		img, err := build(temp)
		if err != nil {
			return nil, err
		}
		made := filepath.Join(temp, "layout")
		path, err := layout.Write(made, empty.Index)
		if err != nil {
			return nil, err
		}
		if err := path.AppendImage(img); err != nil {
			return nil, err
		}
		if err := os.Rename(made, dir); err != nil {
			return nil, err
		}
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	list, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(list.Manifests) != 1 {
		return nil, fmt.Errorf("%s holds %d images, want 1: remove it", dir, len(list.Manifests))
	}
	r.blobs.also(filepath.Join(dir, "blobs"))
	return index.Image(list.Manifests[0].Digest)
}

// tag stores the manifest of an image whose blobs the registry has.
func (r *Registry) tag(ctx context.Context, repo string, img v1.Image) error {
	ref, err := r.parse(repo)
	if err != nil {
		return err
	}
	return remote.Put(ref, img, remote.WithContext(ctx))
}

// layoutVersion changes when image packs the same toolchain differently.
const layoutVersion = "2"

func (t toolchain) key() string {
	h := sha256.New()
	fmt.Fprintln(h, layoutVersion, t.GOROOT, t.GOVERSION, t.GOOS, t.GOARCH)
	h.Write(t.bundle)
	return fmt.Sprintf("%s-%s-%x", strings.ReplaceAll(t.version(), " ", "_"), t.GOARCH, h.Sum(nil)[:8])
}

func (t toolchain) version() string { return strings.TrimPrefix(t.GOVERSION, "go") }

// tags are those of the official image: of 1.26.8 they are 1.26.8, 1.26, 1 and latest.
func (t toolchain) tags() []string {
	tags := []string{"latest"}
	version, _, _ := strings.Cut(t.version(), " ") // "1.26.8 X:experiment"
	for version != "" {
		tags = append(tags, version)
		version = version[:max(0, strings.LastIndexByte(version, '.'))]
	}
	return tags
}

func (t toolchain) config() v1.Config {
	return v1.Config{
		Env: []string{
			"PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
			"GOLANG_VERSION=" + t.version(),
			"GOTOOLCHAIN=local",
			"GOPATH=/go",
		},
		WorkingDir: "/go",
	}
}

func (t toolchain) image(dir string) (v1.Image, error) {
	img, err := NewImage(t.GOOS+"/"+t.GOARCH, t.config(), Files{
		"/etc/group":                         {Content: []byte("root:x:0:\n")},
		"/etc/passwd":                        {Content: []byte("root:x:0:0:root:/root:/sbin/nologin\n")},
		"/etc/ssl/certs/ca-certificates.crt": {Content: t.bundle},
		"/go/":                               {},
		"/root/":                             {Mode: 0o700},
		"/tmp/":                              {Mode: 0o777 | fs.ModeSticky},
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "goroot.tar.gz")
	if err := writeFile(file, t.pack); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	return mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: epoch()}}})
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// pack writes GOROOT as the layer /usr/local/go, without what no build reads.
func (t toolchain) pack(out io.Writer) error {
	w := newLayerWriter(out)
	if err := packDir(w, t.GOROOT, "", "/usr/local/go"); err != nil {
		return err
	}
	return w.Close()
}

// packDir follows symbolic links: distributions link parts of GOROOT elsewhere. root may be that of a toolchain's module.
func packDir(w *layerWriter, root, rel, dest string) error {
	entries, err := os.ReadDir(filepath.Join(root, rel))
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(rel, e.Name())
		if unusedByBuilds(name) {
			continue
		}
		file := filepath.Join(root, name)
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		switch {
		case info.IsDir():
			if err := w.add(path.Join(dest, name)+"/", File{}); err != nil {
				return err
			}
			err = packDir(w, root, name, dest)
		case info.Mode().IsRegular():
			f := File{}
			if info.Mode()&0o111 != 0 || strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
				f.Mode = 0o755
			}
			if f.Content, err = os.ReadFile(file); err == nil {
				err = w.add(path.Join(dest, unmasked(name)), f)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unmasked is the name of a file in a distribution whose name in the module of a toolchain is given: a module has no
// go.mod but its own, and its files can't be executed. https://go.dev/src/cmd/go/internal/toolchain/select.go
func unmasked(name string) string {
	if path.Base(name) == "_go.mod" {
		return path.Join(path.Dir(name), "go.mod")
	}
	return name
}

// unusedByBuilds reports whether no build reads the path of GOROOT: tests and documentation.
func unusedByBuilds(name string) bool {
	switch name {
	case "api", "doc", "misc", "test":
		return true
	}
	return strings.HasPrefix(name, "src/") &&
		(path.Base(name) == "testdata" || strings.HasSuffix(name, "_test.go"))
}
