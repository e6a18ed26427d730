package localkit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// sockets are the paths of a process's unix sockets.
func sockets(t *testing.T, pid int) (paths []string) {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	open := map[string]bool{}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil { // it may be closed meanwhile
			open[to] = true
		}
	}
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/unix", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); len(f) == 8 && strings.HasPrefix(f[7], "/") && open["socket:["+f[6]+"]"] {
			paths = append(paths, f[7])
		}
	}
	return paths
}

func TestStartUseStop(t *testing.T) {
	k := start(t, localkit.Options{})
	state := k.State()
	ref := build(t, k, "acme/version:1", map[string]string{"Dockerfile": "" +
		"# syntax=docker/dockerfile:1\n" +
		"FROM golang:1.26-alpine\n" +
		"RUN [\"go\", \"version\"]\n"})
	img, err := k.Registry.Image(t.Context(), ref, amd64())
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.WorkingDir != "/go" {
		t.Errorf("WORKDIR %q, want that of the toolchain image", config.Config.WorkingDir)
	}
	if out, err := k.Buildctl(t.Context(), "debug", "workers").CombinedOutput(); err != nil {
		t.Errorf("buildctl: %v: %s", err, out)
	}
	if program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", k.PID())); err != nil || filepath.Base(program) != localkit.Buildkitd {
		t.Errorf("process %d runs %q: %v", k.PID(), program, err)
	}
	if list := sockets(t, k.PID()); len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return !strings.HasPrefix(s, state+"/") }) {
		t.Errorf("the daemon has the sockets %q, where others might have theirs", list)
	}
	c, err := k.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.Info(t.Context())
	c.Close()
	if err != nil || info.BuildkitVersion.Version == "" {
		t.Errorf("info %+v, %v", info, err)
	}
	for range 2 {
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
	}
	gone(t, state)
	if _, err := os.Stat(state); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("temporary state %s is left: %v", state, err)
	}
}

func TestCancelStopsAll(t *testing.T) {
	state := shortDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	k := startIn(ctx, t, localkit.Options{State: state})
	step := "wait-" + filepath.Base(state)
	pushProgram(t, k, "wait", step)
	failed := make(chan error, 1)
	dir := folder(t, map[string]string{"Dockerfile": "FROM acme/wait\nRUN [\"/" + step + "\"]\n"})
	go func() {
		_, err := k.Build(ctx, "acme/never:1", dir)
		failed <- err
	}()
	eventually(t, "the step runs", func() bool { return len(running(t, step)) > 0 })
	cancel()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("build: %v, want it canceled", err)
	}
	if err := k.Close(); err != nil {
		t.Error(err)
	}
	gone(t, state)
	gone(t, step)
}

func TestTwoKitsShareARegistry(t *testing.T) {
	registry, err := localkit.NewRegistry(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Close()
	state := shortDir(t)
	a := start(t, localkit.Options{State: state, Registry: registry})
	b := start(t, localkit.Options{State: state, Registry: registry})
	if a.Addr() == b.Addr() || a.State() == b.State() {
		t.Fatalf("both kits are at %s in %s", a.Addr(), a.State())
	}
	made := build(t, a, "acme/a:1", map[string]string{"Dockerfile": "FROM scratch\nCOPY Dockerfile /a\n"})
	build(t, b, "acme/b:1", map[string]string{"Dockerfile": "FROM " + made + "\nCOPY Dockerfile /b\n"})
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	build(t, b, "acme/c:1", map[string]string{"Dockerfile": "FROM acme/b:1\nCOPY Dockerfile /c\n"})
}

func TestFailedStartCleansUp(t *testing.T) {
	state := shortDir(t)
	if err := os.WriteFile(filepath.Join(state, "root"), []byte("a file where the daemon wants a folder"), 0o644); err != nil {
		t.Fatal(err)
	}
	needKit(t)
	k, err := localkit.Start(t.Context(), localkit.Options{State: state})
	if err == nil {
		k.Close()
		t.Fatal("Start succeeded")
	}
	skipUnsupported(t, err)
	if !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("error without the daemon's last words: %v", err)
	}
	gone(t, state)
	if err := os.Remove(filepath.Join(state, "root")); err != nil {
		t.Fatal(err)
	}
	if k := start(t, localkit.Options{State: state}); k.State() != state {
		t.Errorf("the state stayed locked")
	}
}

func TestExternal(t *testing.T) {
	a := start(t, localkit.Options{})
	t.Setenv("BUILDKIT_HOST", a.Addr())
	b := start(t, localkit.Options{External: true})
	if !b.External() || b.Addr() != a.Addr() {
		t.Fatalf("the kit is at %s, want %s", b.Addr(), a.Addr())
	}
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.PushFrontend(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	ref := build(t, b, "acme/external:1", map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ncache: {deps: false}\n", "go.mod": "module example.com/tiny\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n",
	},
		"--platform", "linux/amd64,linux/arm64")
	index, err := b.Registry.Index(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var platforms []string
	for _, m := range list.Manifests {
		platforms = append(platforms, m.Platform.String())
	}
	if got := strings.Join(platforms, " "); !strings.HasPrefix(got, "linux/amd64 linux/arm64") {
		t.Errorf("platforms %q", got)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if out, err := a.Buildctl(t.Context(), "debug", "workers").CombinedOutput(); err != nil {
		t.Errorf("Close of the other kit ended the daemon: %v: %s", err, out)
	}
}

func amd64() v1.Platform { return v1.Platform{OS: "linux", Architecture: "amd64"} }

// needKit skips a test that starts a kit, where those are not wanted.
func needKit(t *testing.T) {
	t.Helper()
	os.Getenv("XBUILD_TEST_RUN") // go's test cache can't judge what the kit is made of
	if testing.Short() {
		t.Skip("starts BuildKit")
	}
}

func skipUnsupported(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, localkit.ErrUnsupported) {
		t.Skip(err)
	}
}

func start(t *testing.T, o localkit.Options) *localkit.Kit {
	t.Helper()
	return startIn(t.Context(), t, o)
}

func startIn(ctx context.Context, t *testing.T, o localkit.Options) *localkit.Kit {
	t.Helper()
	needKit(t)
	if o.Log == nil {
		o.Log = testLog{t}
	}
	k, err := localkit.Start(ctx, o)
	if err != nil {
		skipUnsupported(t, err)
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func build(t *testing.T, k *localkit.Kit, repo string, files map[string]string, flags ...string) string {
	t.Helper()
	ref, err := k.Build(t.Context(), repo, folder(t, files), flags...)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shortDir is a folder for a state whose path does not grow with the name of the test.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kit-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// pushProgram pushes acme/<source>, which has nothing in it but that program of testdata, as /<name>.
func pushProgram(t *testing.T, k *localkit.Kit, source, name string) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", "build", "-o", bin, "./testdata/"+source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	img, err := localkit.NewImage("linux/amd64", v1.Config{}, localkit.Files{"/" + name: {Content: b, Mode: 0o755}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Push(t.Context(), "acme/"+source, img); err != nil {
		t.Fatal(err)
	}
}

// running lists the command lines of other processes that contain mark.
func running(t *testing.T, mark string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err == nil && bytes.Contains(b, []byte(mark)) {
			found = append(found, string(bytes.ReplaceAll(b, []byte{0}, []byte{' '})))
		}
	}
	return found
}

func gone(t *testing.T, mark string) {
	t.Helper()
	if left := running(t, mark); len(left) > 0 {
		t.Errorf("processes left:\n%s", strings.Join(left, "\n"))
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), mark) {
		t.Errorf("mounts of %s left", mark)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// testLog is the log of a test, by line.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimRight(string(p), "\n"))
	return len(p), nil
}

var _ io.Writer = testLog{}
