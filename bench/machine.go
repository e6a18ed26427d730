package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/acme/xbuild/bench/result"
)

// machine describes this one, and the versions of what is measured. What it can't find out is left empty.
func machine(ctx context.Context, root string) (m result.Machine, err error) {
	m = result.Machine{
		Date: time.Now().UTC().Format(time.DateOnly), OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Go: runtime.Version(),
		CPU: field("/proc/cpuinfo", "model name"), Kernel: firstLine("/proc/sys/kernel/osrelease"),
	}
	fmt.Sscan(field("/proc/meminfo", "MemTotal"), &m.Memory) // in kB
	m.Memory *= 1024
	if m.BuildKit, err = pinned(ctx, root, "buildkit", "github.com/moby/buildkit"); err != nil {
		return m, err
	}
	if m.Buildx, err = pinned(ctx, root, "buildx", "github.com/docker/buildx"); err != nil {
		return m, err
	}
	commit, err := exec.CommandContext(ctx, "git", "-C", root, "describe", "--always", "--dirty=+", "--exclude=*").Output()
	m.Commit = strings.TrimSpace(string(commit))
	if err != nil {
		m.Commit = "unknown"
	}
	return m, nil
}

// pinned is the version of a module of tools/.
func pinned(ctx context.Context, root, tool, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Version}}", module)
	cmd.Dir = filepath.Join(root, "tools", tool)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// field is the value of the first line "name : value" of a file.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if key, value, ok := strings.Cut(s.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func firstLine(file string) string {
	data, _ := os.ReadFile(file)
	line, _, _ := strings.Cut(string(data), "\n")
	return line
}
