package integration

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// TestClients builds the same example through each client and each way to name the spec.
func TestClients(t *testing.T) {
	k := kit(t)
	named := project(t, map[string]string{"xbuild.yaml": tiny["Dockerfile"], "go.mod": tiny["go.mod"], "main.go": tiny["main.go"]})
	plain := project(t, tiny)
	for _, c := range []struct {
		name string
		args func(out string) []string
		ctl  bool
	}{
		{name: "buildx", args: func(out string) []string {
			return []string{"build", "--output", "type=local,dest=" + out, plain}
		}},
		{name: "buildx -f", args: func(out string) []string {
			return []string{"build", "-f", filepath.Join(named, "xbuild.yaml"), "--output", "type=local,dest=" + out, named}
		}},
		{name: "buildctl", ctl: true, args: func(out string) []string {
			return []string{"build", "--frontend", "dockerfile.v0", "--local", "context=" + plain, "--local", "dockerfile=" + plain,
				"--output", "type=local,dest=" + out}
		}},
		{name: "buildctl gateway", ctl: true, args: func(out string) []string {
			return []string{"build", "--frontend", "gateway.v0", "--opt", "source=" + k.Registry.Ref(localkit.Frontend), "--opt", "filename=xbuild.yaml",
				"--local", "context=" + named, "--local", "dockerfile=" + named, "--output", "type=local,dest=" + out}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			cmd := k.Buildx(t.Context(), c.args(out)...)
			if c.ctl {
				cmd = k.Buildctl(t.Context(), c.args(out)...)
			}
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if _, err := os.Stat(filepath.Join(out, "usr/local/bin/tiny")); err != nil {
				t.Error(err)
			}
		})
	}
}
