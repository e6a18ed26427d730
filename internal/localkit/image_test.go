package localkit_test

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

func TestPushBase(t *testing.T) {
	dir := t.TempDir()
	var refs []string
	for range 2 {
		r, err := localkit.NewRegistry(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		ref, err := r.PushBase(t.Context(), "acme/base:1")
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
		for _, arch := range []string{"amd64", "arm64"} {
			img, err := r.Image(t.Context(), "acme/base:1", v1.Platform{OS: "linux", Architecture: arch})
			if err != nil {
				t.Fatal(err)
			}
			config, err := img.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			if config.Architecture != arch || !slices.Contains(config.Config.Env, "BASE_ARCH="+arch) {
				t.Errorf("config of %s: %+v", arch, config)
			}
			files := mutate.Extract(img)
			content, err := io.ReadAll(files)
			files.Close()
			if err != nil || !strings.Contains(string(content), arch+"\n") {
				t.Errorf("no %s in the files, %v", arch, err)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if refs[0] != refs[1] {
		t.Errorf("two digests of equal images: %q", refs)
	}
}

func TestRegistryKeepsItsPort(t *testing.T) {
	dir := t.TempDir()
	a, err := localkit.NewRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	host := a.Host()
	b, err := localkit.NewRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	if b.Host() == host {
		t.Errorf("two registries at %s", host)
	}
	b.Close()
	a.Close()
	host = b.Host()
	c, err := localkit.NewRegistry(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Host() != host {
		t.Errorf("at %s, the last one was at %s", c.Host(), host)
	}
}
