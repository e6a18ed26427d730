package localkit

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Files are the files of a layer by absolute path. A path that ends in "/" is a folder.
type Files map[string]File

// File is a file of a layer, owned by root and dated 1970-01-01. The zero Mode is 0644 for a file, 0755
// for a folder.
type File struct {
	Content []byte
	Mode    fs.FileMode
	Link    string // what a symbolic link points at, which has no content
}

// NewImage is an image with one gzip layer per element of layers and the given config. The
// platform is one as in "linux/arm/v7". Equal arguments give an equal digest.
func NewImage(platform string, config v1.Config, layers ...Files) (v1.Image, error) {
	p, err := v1.ParsePlatform(platform)
	if err != nil {
		return nil, err
	}
	img := mutate.MediaType(empty.Image, types.OCIManifestSchema1)
	img = mutate.ConfigMediaType(img, types.OCIConfigJSON)
	img, err = mutate.ConfigFile(img, &v1.ConfigFile{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion,
		Created: v1.Time{Time: epoch()},
		Config:  config,
		RootFS:  v1.RootFS{Type: "layers"},
	})
	if err != nil {
		return nil, err
	}
	for _, files := range layers {
		layer, err := newLayer(files)
		if err != nil {
			return nil, err
		}
		img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: epoch()}}})
		if err != nil {
			return nil, err
		}
	}
	return img, nil
}

// NewIndex is the OCI index of images, each listed with the platform of its config.
func NewIndex(images ...v1.Image) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, img := range images {
		config, err := img.ConfigFile()
		if err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        img,
			Descriptor: v1.Descriptor{Platform: config.Platform()},
		})
	}
	return index, nil
}

// PushBase pushes an image to build upon as repo, for linux/amd64 and linux/arm64. Everything in its config that a
// built image can inherit is set, and ENV BASE_ARCH and /etc/base-release tell the platforms apart.
func (r *Registry) PushBase(ctx context.Context, repo string) (string, error) {
	var images []v1.Image
	for _, arch := range []string{"amd64", "arm64"} {
		img, err := NewImage("linux/"+arch, v1.Config{
			Env:        []string{"PATH=/usr/local/bin:/usr/bin:/bin", "BASE=1", "BASE_ARCH=" + arch},
			User:       "1000:1000",
			Labels:     map[string]string{"base": "yes"},
			WorkingDir: "/srv",
			Entrypoint: []string{"/bin/base"},
			Cmd:        []string{"--help"},
		}, Files{
			"/etc/base-release": {Content: []byte(arch + "\n")},
			"/srv/":             {},
		})
		if err != nil {
			return "", err
		}
		images = append(images, img)
	}
	index, err := NewIndex(images...)
	if err != nil {
		return "", err
	}
	return r.Push(ctx, repo, index)
}

func newLayer(files Files) (v1.Layer, error) {
	var b bytes.Buffer
	w := newLayerWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.add(name, files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// layerWriter writes a gzip tar file in which nothing depends on the clock or the user. Folders
// above a file are added with mode 0755 where they were not.
type layerWriter struct {
	gzip *gzip.Writer
	tar  *tar.Writer
	dirs map[string]bool
}

func newLayerWriter(w io.Writer) *layerWriter {
	// Pulled over the loopback only: time matters more than size.
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		panic(err) // BestSpeed is a level
	}
	return &layerWriter{gzip: z, tar: tar.NewWriter(z), dirs: map[string]bool{"": true}}
}

func (w *layerWriter) add(name string, f File) error {
	folder := strings.HasSuffix(name, "/")
	name = strings.TrimPrefix(path.Clean(name), "/")
	if w.dirs[name] {
		return nil
	}
	if parent := path.Dir(name); parent != "." && !w.dirs[parent] {
		if err := w.add(parent+"/", File{}); err != nil {
			return err
		}
	}
	h := &tar.Header{Name: name, ModTime: epoch(), Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(f.Content))}
	if folder {
		w.dirs[name] = true
		h.Name, h.Typeflag, h.Mode = name+"/", tar.TypeDir, 0o755
	}
	if f.Link != "" {
		h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Link, 0o777
	}
	if f.Mode != 0 {
		h.Mode = int64(f.Mode.Perm())
		if f.Mode&fs.ModeSticky != 0 {
			h.Mode |= 0o1000
		}
	}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := w.tar.Write(f.Content)
	return err
}

func (w *layerWriter) Close() error {
	if err := w.tar.Close(); err != nil {
		return err
	}
	return w.gzip.Close()
}

func epoch() time.Time { return time.Unix(0, 0).UTC() }
