package gostep

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// zigCache keeps the C library that zig compiles for a target, so that it is compiled here alone.
const zigCache = "/xbuild/zig"

// compileLibc links a program as go does, static where the target's C library is musl: zig
// compiles another library for other flags, and for another path to its own files.
func compileLibc(cc []string, work string, stderr io.Writer) error {
	source := filepath.Join(work, "main.c")
	if err := os.WriteFile(source, []byte("int main(void) { return 0; }\n"), 0o644); err != nil {
		return err
	}
	args := append(cc[1:], "-s", "-O2", "-o", filepath.Join(work, "main"), source)
	if slices.ContainsFunc(cc, func(w string) bool { return strings.Contains(w, "-musl") }) {
		args = append(args, "-static")
	}
	cmd := exec.Command(cc[0], args...)
	cmd.Dir = work
	cmd.Env = append(os.Environ(), "ZIG_GLOBAL_CACHE_DIR="+zigCache)
	cmd.Stdout, cmd.Stderr = stderr, stderr
	return cmd.Run()
}
