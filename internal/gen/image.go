package gen

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// image is what an image is made of.
type image struct {
	files  map[string]file // by absolute path
	config map[string]any  // without what depends on when and how it was made
}

// file is a file of an image.
type file struct {
	sum  string // SHA-256 of the content, or the target of a link
	mode int64
	kind byte // as in package tar
	uid  int
	gid  int
}

func (f file) short() string { return f.sum[:min(len(f.sum), 12)] }

// readImage reads the image for a platform of an OCI layout.
func readImage(dir string, p ocispecs.Platform) (*image, error) {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	img, err := find(index, platforms.OnlyStrict(p))
	if err != nil {
		return nil, err
	}
	if img == nil {
		return nil, fmt.Errorf("%s: no image for %s", dir, platforms.Format(p))
	}
	out := &image{files: map[string]file{}}
	data, err := img.RawConfigFile()
	if err != nil {
		return nil, err
	}
	if out.config, err = stable(data); err != nil {
		return nil, err
	}
	layers := mutate.Extract(img)
	defer layers.Close()
	return out, out.read(tar.NewReader(layers))
}

// find looks for the image of a platform in an index and in those that it lists.
func find(index v1.ImageIndex, match platforms.MatchComparer) (v1.Image, error) {
	list, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	for _, m := range list.Manifests {
		if m.MediaType.IsIndex() {
			inner, err := index.ImageIndex(m.Digest)
			if err != nil {
				return nil, err
			}
			if img, err := find(inner, match); img != nil || err != nil {
				return img, err
			}
			continue
		}
		img, err := index.Image(m.Digest)
		if err != nil {
			return nil, err
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			return nil, err
		}
		p := ocispecs.Platform{OS: cfg.OS, Architecture: cfg.Architecture, Variant: cfg.Variant}
		if match.Match(p) {
			return img, nil
		}
	}
	return nil, nil
}

// stable is a config without times, history, layers, and what only says that BuildKit
// took a command from a Dockerfile.
func stable(data []byte) (map[string]any, error) {
	var out map[string]any
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	for _, key := range []string{"created", "history", "rootfs"} {
		delete(out, key)
	}
	if c, ok := out["config"].(map[string]any); ok {
		delete(c, "ArgsEscaped")
		if c["WorkingDir"] == "/" { // as none at all
			delete(c, "WorkingDir")
		}
	}
	return out, nil
}

func (img *image) read(t *tar.Reader) error {
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		f := file{mode: h.Mode, kind: h.Typeflag, uid: h.Uid, gid: h.Gid, sum: h.Linkname}
		if h.Typeflag == tar.TypeReg {
			sum := sha256.New()
			if _, err := io.Copy(sum, t); err != nil {
				return err
			}
			f.sum = fmt.Sprintf("%x", sum.Sum(nil))
		}
		img.files[path.Join("/", h.Name)] = f
	}
}

// configSum is short for a config.
func (img *image) configSum() string {
	data, err := json.Marshal(img.config) // sorts keys
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))[:12]
}

// configDiff names the keys that differ.
func configDiff(a, b map[string]any) string {
	var keys []string
	inner := func(m map[string]any) map[string]any { c, _ := m["config"].(map[string]any); return c }
	for _, pair := range [][2]map[string]any{{a, b}, {inner(a), inner(b)}} {
		all := maps.Clone(pair[0])
		if all == nil {
			all = map[string]any{}
		}
		maps.Copy(all, pair[1])
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if key != "config" && !reflect.DeepEqual(pair[0][key], pair[1][key]) {
				keys = append(keys, fmt.Sprintf("%s: %v and %v", key, pair[0][key], pair[1][key]))
			}
		}
	}
	return strings.Join(keys, "; ")
}

// otherFiles says which files differ that are no binaries. Directories count by what is in them.
func otherFiles(a, b *image, binaries map[string]bool) string {
	all := maps.Clone(a.files)
	maps.Copy(all, b.files)
	count := map[string]int{}
	for name := range all {
		x, y := a.files[name], b.files[name]
		if x == y || binaries[name] || x.kind == tar.TypeDir || y.kind == tar.TypeDir {
			continue
		}
		count[countedBelow(name)]++
	}
	var list []string
	for _, dir := range slices.Sorted(maps.Keys(count)) {
		list = append(list, fmt.Sprintf("%d below %s", count[dir], dir))
	}
	if len(list) == 0 {
		return ""
	}
	return "other files that differ: " + strings.Join(list, ", ")
}

// countedBelow is the part of a path that files are counted by.
func countedBelow(name string) string {
	parts := strings.Split(strings.TrimPrefix(name, "/"), "/")
	return "/" + strings.Join(parts[:max(1, min(len(parts)-1, 3))], "/")
}
