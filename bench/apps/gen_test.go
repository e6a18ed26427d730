//go:build apps

package apps_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/gen"
	"github.com/acme/xbuild/internal/localkit"
	"golang.org/x/mod/modfile"
)

// TestSelf builds the frontend with the frontend, and with the repository's Dockerfile: the same
// programs, and those that the kit compiled.
func TestSelf(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	image, err := k.PublishBusyBoxToolchain(ctx)
	if err != nil {
		t.Fatal(err)
	}
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := sourceTree(t, root)
	verify(t, k, 4, "--platform", "linux/amd64", "-f", onToolchain(t, dir, image), dir)
}

// onToolchain adds the toolchain image to the spec in dir, and gives the spec's path.
func onToolchain(t *testing.T, dir, image string) string {
	t.Helper()
	spec := filepath.Join(dir, "xbuild.yaml")
	data, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, append(data, "\ngo: {image: \""+image+"\"}\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	return spec
}

// TestVerifyC compares what a spec and its Dockerfile make where C is compiled, for the
// builder's own architecture and another one.
func TestVerifyC(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	if err := k.PublishDebianToolchain(ctx); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/cgo")); err != nil {
		t.Fatal(err)
	}
	// Both images on Debian: the one without C is on an image without a shell otherwise.
	verify(t, k, 8, "--platform", "linux/amd64,linux/arm64", "-f", onToolchain(t, dir, "golang:1.26"), dir)
}

// TestInit builds each program by the spec that gen init writes of its module.
func TestInit(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	for _, app := range []string{"tiny", "web", "own", "fleet", "cloud"} {
		t.Run(app, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(app)); err != nil {
				t.Fatal(err)
			}
			for _, spec := range []string{"xbuild.yaml", "Dockerfile"} {
				if err := os.Remove(filepath.Join(dir, spec)); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
			var out, messages bytes.Buffer
			if code := gen.Main([]string{"init", dir}, nil, &out, &messages); code != 0 {
				t.Fatalf("exit code %d\n%s", code, messages.Bytes())
			}
			if version := exactGo(t, app); version != "" { // the official image has a tag for it
				if err := k.ServeToolchainAs(ctx, version); err != nil {
					t.Fatal(err)
				}
			}
			got, want := digests(t, bake(ctx, t, k, dir, filepath.Join(dir, "xbuild.yaml"))), goBuilt(t, app)
			if !maps.Equal(got, want) {
				t.Errorf("%d binaries are not the %d that go build makes", len(got), len(want))
			}
		})
	}
}

// exactGo is the version of Go that a program's go.mod names to the patch level, "" where it names a line.
func exactGo(t *testing.T, app string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(app, "go.mod"))
	if os.IsNotExist(err) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(f.Go.Version, ".") < 2 {
		return ""
	}
	return f.Go.Version
}

// verify runs gen verify, and wants so many equal lines.
func verify(t *testing.T, k *localkit.Kit, equal int, args ...string) {
	t.Helper()
	var out, messages bytes.Buffer
	code := gen.Main(append([]string{"verify", "--buildx", k.UseBuildx(t.Setenv)}, args...), nil, &out, &messages)
	t.Logf("%s", out.Bytes())
	if n := strings.Count(out.String(), "  yes  "); code != 0 || n != equal {
		t.Fatalf("exit code %d, %d lines are equal, want %d\n%s", code, n, equal, messages.Bytes())
	}
}

// sourceTree is a copy of the files that git knows in root.
func sourceTree(t *testing.T, root string) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name := range strings.SplitSeq(strings.Trim(string(names), "\x00"), "\x00") {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
