package integration

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/klauspost/compress/zstd"
)

// TestSecretLeaks looks for a secret in all that a build with it leaves in the registry: the image's
// layers, config and history, the cache of all steps, the provenance; and in what it writes to the
// daemon's own state.
func TestSecretLeaks(t *testing.T) {
	k := kit(t)
	debian(t, k)
	start := time.Now().Add(-time.Second)
	h := newGitHost(t, newAuthority(t), "git.example.test", fmt.Sprintf("s3cr3t%d", start.UnixNano()))
	module, files := privateModule("")
	h.add(t, files)
	dir := privateProject(t, module, files, "  private:\n    git.example.test/acme: {secret: git-token}\n")
	image, cache := "test/leak:1", "test/leak-cache:1"
	attrs := h.attrs()
	delete(attrs, "target")
	attrs["attest:provenance"] = "mode=max"
	res := build(t, k, request{dir: dir, attrs: attrs, push: image, exports: registryCache(k.Registry.Ref(cache)), session: h.secrets(map[string]string{"git-token": h.token})})

	s := search{
		secrets:  spellings(h.token, "x-access-token:"+h.token),
		controls: map[string]string{"the module's path": module, "the module's source": sourceOnly, "the id of the secret": "git-token", "the provenance": "https://slsa.dev/provenance/", "the config": `"Entrypoint"`},
		found:    map[string]string{},
	}
	s.in(t, "the log", strings.NewReader(res.logs))
	for _, repo := range []string{image, cache} {
		s.manifests(t, k, repo)
	}
	s.blobs(t, filepath.Join(k.State(), "registry", "blobs"), start)
	for what, text := range s.controls {
		if s.found[text] == "" {
			t.Errorf("%s is not found either: the search is blind", what)
		}
	}
	s.state(t, filepath.Join(k.State(), "root"), start)
	t.Logf("searched %d places, %d MB", s.places, s.bytes>>20)
}

// spellings are the texts, and their beginnings in base64 wherever they are in what is encoded.
func spellings(texts ...string) (out []string) {
	for _, s := range texts {
		out = append(out, s)
		for shift := range 3 {
			b := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
			from := (shift*8 + 5) / 6
			out = append(out, b[from:len(b)-2])
		}
	}
	return out
}

// search finds texts in files.
type search struct {
	secrets  []string
	controls map[string]string // what must be found, by name
	found    map[string]string // where a text was found first
	places   int
	bytes    int64
	buf      [1 << 16]byte
}

// in searches what r gives, and what is in it where that is compressed or a tar file.
func (s *search) in(t *testing.T, where string, r io.Reader) {
	t.Helper()
	in := bufio.NewReaderSize(r, 1<<12)
	head, _ := in.Peek(512)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		if z, err := gzip.NewReader(in); err == nil {
			s.in(t, where, z)
			return
		}
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		if z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1)); err == nil {
			defer z.Close()
			s.in(t, where, z)
			return
		}
	case len(head) == 512 && string(head[257:262]) == "ustar":
		s.tar(t, where, tar.NewReader(in))
		return
	}
	s.text(t, where, in)
}

func (s *search) tar(t *testing.T, where string, r *tar.Reader) {
	t.Helper()
	for {
		h, err := r.Next()
		if err != nil {
			return
		}
		s.text(t, where, strings.NewReader(fmt.Sprintf("%+v", h)))
		s.in(t, where+" "+h.Name, r)
	}
}

// text searches what r gives, as it is.
func (s *search) text(t *testing.T, where string, r io.Reader) {
	t.Helper()
	const overlap = 256 // no text is longer
	s.places++
	kept := 0
	for err := error(nil); err == nil; {
		var n int
		n, err = io.ReadFull(r, s.buf[kept:])
		data := s.buf[:kept+n]
		s.bytes += int64(n)
		for _, text := range s.controls {
			if s.found[text] == "" && bytes.Contains(data, []byte(text)) {
				s.found[text] = where
			}
		}
		for _, text := range s.secrets {
			if bytes.Contains(data, []byte(text)) {
				t.Errorf("%s has the secret, as %s", where, text)
			}
		}
		kept = copy(s.buf[:], data[max(0, len(data)-overlap):])
	}
}

// manifests searches the manifest or index of repo, and those that it names.
func (s *search) manifests(t *testing.T, k *localkit.Kit, repo string) {
	t.Helper()
	ref, err := name.ParseReference(k.Registry.Ref(repo), name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	desc, err := remote.Get(ref)
	if err != nil {
		t.Fatal(err)
	}
	s.in(t, repo, bytes.NewReader(desc.Manifest))
	list, err := v1.ParseIndexManifest(bytes.NewReader(desc.Manifest))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list.Manifests {
		if m.MediaType.IsImage() || m.MediaType.IsIndex() {
			base, _, _ := strings.Cut(repo, ":")
			if at, _, ok := strings.Cut(repo, "@"); ok {
				base = at
			}
			s.manifests(t, k, base+"@"+m.Digest.String())
		}
	}
}

// blobs searches the files below dir that are new.
func (s *search) blobs(t *testing.T, dir string, since time.Time) {
	t.Helper()
	before := s.places
	s.files(t, dir, since)
	if s.places == before {
		t.Error("no new blob")
	}
}

// state searches the files of the daemon that are new. Some come and go meanwhile; and that of a
// secret that is mounted is in no file.
func (s *search) state(t *testing.T, dir string, since time.Time) {
	t.Helper()
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	s.files(t, dir, since)
}

func (s *search) files(t *testing.T, dir string, since time.Time) {
	t.Helper()
	filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		info, err := e.Info()
		if err != nil || info.ModTime().Before(since) {
			return nil
		}
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer f.Close()
		s.in(t, path, f)
		return nil
	})
}

// TestSpellings holds that a text is found in base64 wherever it begins.
func TestSpellings(t *testing.T) {
	for i := range 6 {
		for j := range 6 {
			b := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", i) + "s3cr3t123456" + strings.Repeat("b", j)))
			if !slices.ContainsFunc(spellings("s3cr3t123456"), func(s string) bool { return strings.Contains(b, s) }) {
				t.Errorf("%d before, %d after: not in %s", i, j, b)
			}
		}
	}
}
