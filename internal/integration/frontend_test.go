package integration

import (
	"bytes"
	"debug/elf"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// TestFrontendImage builds the frontend with the frontend, from the repository's spec, for both architectures.
func TestFrontendImage(t *testing.T) {
	k := kit(t)
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	build(t, k, request{dir: root, file: "xbuild.yaml", platforms: "linux/amd64,linux/arm64", push: "test/frontend:1"})
	for platform, machine := range map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64} {
		img := pull(t, k, "test/frontend:1")[platform]
		if img == nil {
			t.Fatalf("no image for %s", platform)
		}
		m, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		size := int64(0)
		for _, l := range m.Layers {
			size += l.Size
		}
		if size > 20<<20 {
			t.Errorf("%s: %d bytes compressed", platform, size)
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		for _, label := range []string{"moby.buildkit.frontend.network.none", "moby.buildkit.frontend.caps"} {
			if cfg.Config.Labels[label] == "" {
				t.Errorf("%s: no label %s", platform, label)
			}
		}
		files := contents(t, img)
		for _, name := range []string{"frontend", "gostep", "system"} {
			f, err := elf.NewFile(bytes.NewReader(files[name].data))
			if err != nil {
				t.Fatalf("%s: %s: %v", platform, name, err)
			}
			if f.Machine != machine || f.Section(".interp") != nil {
				t.Errorf("%s: %s is for %s, or not static", platform, name, f.Machine)
			}
		}
	}
}
