package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/gen"
	"github.com/acme/xbuild/internal/localkit"
)

// onBusyBox gives a copy of a project whose spec names a toolchain image with a shell. The one that
// other tests use has none, so that none is needed.
func onBusyBox(t *testing.T, k *localkit.Kit, dir string) (root, spec string) {
	t.Helper()
	image, err := k.PublishBusyBoxToolchain(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	root = copyTree(t, dir)
	for _, name := range []string{"xbuild.yaml", "Dockerfile"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			continue
		}
		spec = filepath.Join(root, name)
		write(t, spec, string(data)+"\ngo: {image: \""+image+"\"}\n")
		return root, spec
	}
	t.Fatalf("no spec in %s", dir)
	return "", ""
}

// TestVerify holds that a spec and the Dockerfile that is made from it build the same binaries
// and image configs, bit for bit.
func TestVerify(t *testing.T) {
	k := kit(t)
	buildx := k.UseBuildx(t.Setenv)
	for _, name := range []string{"base", "hello", "multi", "native", "vendored", "workspace"} {
		t.Run(name, func(t *testing.T) {
			root, spec := onBusyBox(t, k, example(name))
			var out, messages bytes.Buffer
			code := gen.Main([]string{"verify", "--buildx", buildx, "--platform", "linux/amd64,linux/arm64", "-f", spec, root}, nil, &out, &messages)
			t.Logf("%s", out.Bytes())
			if code != 0 {
				t.Fatalf("exit code %d\n%s", code, messages.Bytes())
			}
			for _, platform := range []string{"linux/amd64", "linux/arm64"} {
				if n := strings.Count(out.String(), platform+"  yes"); n < 2 {
					t.Errorf("%d equal lines for %s", n, platform)
				}
			}
		})
	}
}
