//go:build apps

package apps_test

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// TestSQLite builds examples/cgo, whose SQLite is C, for two other architectures, and runs what it made there. The
// program beside it, which is pure Go, is what go build makes.
func TestSQLite(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	if err := k.PublishDebianToolchain(ctx); err != nil {
		t.Fatal(err)
	}
	dir, out := filepath.Join("..", "..", "examples", "cgo"), t.TempDir()
	cmd := k.Buildx(ctx, "build", "--progress", "plain", "--platform", "linux/arm64,linux/arm/v7",
		"--target", "binaries", "--output", "type=local,dest="+out, "-f", filepath.Join(dir, "xbuild.yaml"), dir)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", localkit.CommandLine(cmd), err, said)
	}
	for _, target := range []struct{ folder, arch, level string }{{"linux_arm64", "arm64", "GOARM64=v8.0"}, {"linux_arm_v7", "arm", "GOARM=7"}} {
		emulator, err := localkit.Emulator(ctx, os.Stderr, target.arch)
		if err != nil {
			t.Fatal(err)
		}
		got, err := exec.CommandContext(ctx, emulator, filepath.Join(out, target.folder, "notes"), "tea", "bread", "salt").CombinedOutput()
		if want := "linux/" + target.arch + ": bread salt tea\n"; err != nil || string(got) != want {
			t.Errorf("%s: %v, prints %q, want %q", target.folder, err, got, want)
		}
		pure, err := os.ReadFile(filepath.Join(out, target.folder, "hello"))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "hello")
		goCommand(t, dir, []string{"GOOS=linux", "GOARCH=" + target.arch, target.level},
			"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "./cmd/hello")
		if want, err := os.ReadFile(file); err != nil || !bytes.Equal(pure, want) {
			t.Errorf("%s/hello is not what go build makes (%v)", target.folder, err)
		}
	}
}
