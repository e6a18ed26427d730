//go:build apps

package apps_test

import (
	"context"
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

// project writes files to a folder of its own.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func build(ctx context.Context, t *testing.T, k *localkit.Kit, dir string, flags ...string) string {
	t.Helper()
	out := t.TempDir()
	cmd := k.Buildx(ctx, slices.Concat([]string{"build", "--progress", "plain", "--output", "type=local,dest=" + out}, flags, []string{dir})...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", localkit.CommandLine(cmd), err, said)
	}
	return out
}

// TestEveryPlatform builds for all that go builds for but mobile ones; the steps check what
// they made.
func TestEveryPlatform(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	dir := project(t, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\n", "go.mod": "module example.com/tiny\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(\"tiny\") }\n",
	})
	var platforms []string
	for _, p := range strings.Fields(goCommand(t, dir, nil, "tool", "dist", "list")) {
		if !strings.HasPrefix(p, "android/") && !strings.HasPrefix(p, "ios/") {
			platforms = append(platforms, p)
		}
	}
	out := build(ctx, t, k, dir, "--target", "dist", "--platform", strings.Join(platforms, ","))
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(sums), "\n"); n != len(platforms) || n < 30 {
		t.Errorf("%d binaries for %d platforms:\n%s", n, len(platforms), sums)
	}
}

// TestDebugImage has Delve in it, which runs, and the program with what Delve needs of it.
func TestDebugImage(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	dir := project(t, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\nimages: {tiny: {debug: true, user: '65532'}}\n",
		"go.mod":     "module example.com/tiny\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(\"tiny\") }\n",
	})
	out := build(ctx, t, k, dir, "--target", "tiny-debug", "--platform", "linux/amd64,linux/arm64")
	if said, err := exec.CommandContext(ctx, filepath.Join(out, "linux_amd64/usr/local/bin/dlv"), "version").CombinedOutput(); err != nil || !strings.Contains(string(said), "Delve Debugger") {
		t.Errorf("dlv: %v\n%s", err, said)
	}
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("break main.main\ncontinue\nlocals\nexit\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(out, "linux_amd64/usr/local/bin/dlv"), "exec", "--allow-non-terminal-interactive", "--init", script,
		filepath.Join(out, "linux_amd64/usr/local/bin/tiny"))
	if said, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(said), "main.main()") {
		t.Errorf("a break point in main: %v\n%s", err, said)
	}
	if info := goCommand(t, dir, nil, "version", "-m", filepath.Join(out, "linux_arm64/usr/local/bin/tiny")); !strings.Contains(info, `-gcflags="all=-N -l"`) || !strings.Contains(info, "GOARCH=arm64") {
		t.Errorf("the program was built with\n%s", info)
	}
}
