//go:build apps

// Package apps_test builds the programs in the folders beside it, as a user does, on a real BuildKit. Each folder is
// a project of its own, with dependencies from public modules.
package apps_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

var architectures = []string{"amd64", "arm64"}

// apps are the folders with a spec, which has one of two names.
func apps(t *testing.T) map[string]string {
	t.Helper()
	specs := map[string]string{}
	for _, name := range []string{"Dockerfile", "xbuild.yaml"} {
		found, err := filepath.Glob(filepath.Join("*", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range found {
			specs[filepath.Dir(spec)] = spec
		}
	}
	if len(specs) < 5 {
		t.Fatalf("only %d programs here: %v", len(specs), specs)
	}
	return specs
}

// goCommand runs the go command in dir, as compile steps do, and gives what it prints to standard output.
func goCommand(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=")
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s in %s: %v\n%s%s", strings.Join(args, " "), dir, err, out, &stderr)
	}
	return string(out)
}

// TestSameBits builds all binaries of each program for two platforms, and compares them with those of go build
// on this machine.
func TestSameBits(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	specs := apps(t)
	for _, app := range slices.Sorted(maps.Keys(specs)) {
		t.Run(app, func(t *testing.T) {
			got := digests(t, bake(ctx, t, k, app, specs[app]))
			want := goBuilt(t, app)
			if g, w := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)); !slices.Equal(g, w) {
				t.Fatalf("got %q\nwant %q", g, w)
			}
			for name, sum := range want {
				if got[name] != sum {
					t.Errorf("%s is not what go build makes", name)
				}
			}
			t.Logf("%d binaries", len(want))
		})
	}
}

// goBuilt gives the SHA-256 of what go build makes of a program for all architectures, by the path that it has in a result.
func goBuilt(t *testing.T, app string) map[string][sha256.Size]byte {
	t.Helper()
	want := map[string][sha256.Size]byte{}
	for _, arch := range architectures {
		out := t.TempDir()
		goCommand(t, app, []string{"GOOS=linux", "GOARCH=" + arch, "GOAMD64=v1", "GOARM64=v8.0"},
			"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out+"/", "work")
		for name, sum := range digests(t, out) {
			want["linux_"+arch+"/"+name] = sum
		}
	}
	if len(want) == 0 {
		t.Fatal("go build made nothing")
	}
	return want
}

// start gives the kit of the other tests, whose frontend is that of this source.
func start(ctx context.Context, t *testing.T) *localkit.Kit {
	t.Helper()
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	cache, err := localkit.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	k, err := localkit.Start(ctx, localkit.Options{State: filepath.Join(cache, "kits", "test"), Log: os.Stderr})
	if errors.Is(err, localkit.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := k.PushFrontend(ctx, root); err != nil {
		t.Fatal(err)
	}
	return k
}

// bake gives the folder of what buildx builds: the bare binaries, in a folder for each platform.
func bake(ctx context.Context, t *testing.T, k *localkit.Kit, app, spec string) string {
	t.Helper()
	out := t.TempDir()
	cmd := k.Buildx(ctx, "build", "--progress", "plain", "--platform", "linux/"+strings.Join(architectures, ",linux/"),
		"--target", "binaries", "--output", "type=local,dest="+out, "-f", spec, app)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", localkit.CommandLine(cmd), err, said)
	}
	return out
}

// digests gives the SHA-256 of each file below dir by its path there.
func digests(t *testing.T, dir string) map[string][sha256.Size]byte {
	t.Helper()
	sums := map[string][sha256.Size]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := root.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		sums[path] = [sha256.Size]byte(h.Sum(nil))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// TestOwnTests runs what the programs themselves check.
func TestOwnTests(t *testing.T) {
	for _, app := range slices.Sorted(maps.Keys(apps(t))) {
		t.Run(app, func(t *testing.T) {
			goCommand(t, app, nil, "test", "-trimpath", "work")
		})
	}
}

// TestCloud checks what the benchmark takes for granted of its program.
func TestCloud(t *testing.T) {
	list := func(args ...string) []string {
		return strings.Fields(goCommand(t, "cloud", []string{"GOOS=linux"}, append([]string{"list"}, args...)...))
	}
	foreign := list("-deps", "-f", "{{with .Module}}{{if not .Main}}{{$.ImportPath}}{{end}}{{end}}", "./cmd/cloud")
	if len(foreign) <= 600 {
		t.Errorf("cmd/cloud is made of %d packages of other modules, want more than 600", len(foreign))
	}
	if got := list("-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./cmd/probe"); len(got) != 2 {
		t.Errorf("cmd/probe is made of %q, want one package beside itself", got)
	}
	bump, err := os.ReadFile(filepath.Join("cloud", "bump.txt"))
	if err != nil {
		t.Fatal(err)
	}
	module, version, ok := strings.Cut(strings.TrimSpace(string(bump)), " ")
	if !ok {
		t.Fatalf("bump.txt has %q", bump)
	}
	if now := list("-m", "-f", "{{.Version}}", module); len(now) != 1 || now[0] == version {
		t.Errorf("%s is at %v before the bump to %s", module, now, version)
	}
	bumped := list("-modfile=bump.go.mod", "-deps", "-f", "{{with .Module}}{{.Path}}@{{.Version}}{{end}}", "./cmd/cloud")
	if !slices.Contains(bumped, module+"@"+version) {
		t.Errorf("bump.go.mod does not bring %s %s", module, version)
	}
}
