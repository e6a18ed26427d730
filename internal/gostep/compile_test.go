package gostep_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/gostep"
)

// compile runs the compile command in a folder with a program that imports nothing, and
// gives the exit code and what is said.
func compile(t *testing.T, env map[string]string, args ...string) (int, string) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range map[string]string{"go.mod": "module p\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() { println(1) }\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("GOFLAGS", "-buildvcs=false")
	for k, v := range env {
		t.Setenv(k, v)
	}
	var said bytes.Buffer
	code := gostep.Main(append([]string{"compile", "-store", store, "-o", "out", "--"}, args...), &said)
	return code, strings.TrimSpace(said.String())
}

// withEnv runs go with another environment than gostep expects, as a broken toolchain
// would.
func withEnv(kv string, args ...string) []string {
	return append([]string{"env", kv}, args...)
}

// machineCache gives the setting by which go takes this machine's own build cache, not the one
// that gostep serves: what a program is made of does not matter to its verification.
func machineCache(t *testing.T) []string {
	t.Helper()
	dir, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return []string{"env", "GOCACHEPROG=", "GOCACHE=" + strings.TrimSpace(string(dir))}
}

// TestCompileBeside holds that a binary is linked where it can be moved to its place, and nothing is left there.
func TestCompileBeside(t *testing.T) {
	environment(t)
	dir, out := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module p\n\ngo 1.26\n")
	writeFile(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() {}\n")
	code, said := step(t, dir, "compile", "-store", store, "-o", filepath.Join(out, "bin", "p"), "--", "go", "build", "-trimpath", "-x", ".")
	if code != 0 || !strings.HasPrefix(said, "WORK="+filepath.Join(out, "bin")+"/") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if names, err := os.ReadDir(filepath.Join(out, "bin")); err != nil || len(names) != 1 || names[0].Name() != "p" {
		t.Errorf("beside the binary: %v, %v", names, err)
	}
}

func TestCompileVerifies(t *testing.T) {
	build := []string{"go", "build", "-trimpath", "-ldflags=-s -w", "."}
	machine := machineCache(t)
	linux := func(kv ...string) map[string]string {
		env := map[string]string{"GOOS": "linux", "GOARCH": "amd64", "CGO_ENABLED": "0"}
		for i := 0; i+1 < len(kv); i += 2 {
			env[kv[i]] = kv[i+1]
		}
		return env
	}
	for _, c := range []struct {
		name string
		env  map[string]string
		args []string
		want string // the end of the last line; "" when the build is right
		code int    // the exit code then; 0 is 1
		says string // the last line of a build that is right, after the size

		served bool // by the build cache that gostep serves
	}{
		{name: "linux/amd64", env: linux(), args: build, served: true, says: ", ELF x86_64, static, stripped"},
		{name: "linux/arm", env: linux("GOARCH", "arm", "GOARM", "7"), args: build, says: ", ELF arm, static, stripped"},
		{name: "windows/amd64", env: linux("GOOS", "windows"), args: build, says: ", PE amd64, stripped"},
		{name: "darwin/arm64", env: linux("GOOS", "darwin", "GOARCH", "arm64"), args: build, says: ", Mach-O CpuArm64, stripped"},
		{name: "wasm has a header only", env: linux("GOOS", "wasip1", "GOARCH", "wasm"), args: build, says: ", WebAssembly"},
		{name: "symbols are kept when nobody strips", env: linux(), args: []string{"go", "build", "-trimpath", "."}, says: ", ELF x86_64, static"},

		{name: "another architecture", env: linux(), args: withEnv("GOARCH=arm", build...),
			want: "out is not what was asked for: expected EM_X86_64 ELFCLASS64 ELFDATA2LSB for linux/amd64, found EM_ARM ELFCLASS32 ELFDATA2LSB"},
		{name: "another system", env: linux("GOOS", "windows"), args: withEnv("GOOS=linux", build...), want: "expected PE for windows/amd64, found another format"},
		{name: "the same machine, another system", env: linux("GOOS", "freebsd"), args: withEnv("GOOS=linux", build...), want: `expected GOOS=freebsd, found "linux"`},
		{name: "another level", env: linux("GOAMD64", "v3"), args: withEnv("GOAMD64=v1", build...), want: `expected GOAMD64=v3, found "v1"`},
		{name: "GOARM", env: linux("GOARCH", "arm", "GOARM", "5"), args: withEnv("GOARM=7", build...), want: `expected GOARM=5, found "7"`},
		{name: "not trimmed", env: linux(), args: []string{"env", "GOFLAGS=", "sh", "-c", "exec go build -ldflags='-s -w' -o out .", "-trimpath", "-ldflags=-s -w", "."},
			want: `expected -trimpath=true, found ""`},
		{name: "not stripped", env: linux(), args: []string{"sh", "-c", "exec go build -trimpath -o out .", "-trimpath", "-ldflags=-s -w", "."},
			want: "expected no symbol table, by -s, found one"},
		{name: "debugging information", env: linux("GOOS", "windows"), args: []string{"sh", "-c", "exec go build -trimpath -o out .", "-trimpath", "-ldflags=-w", "."},
			want: "expected no debugging information, by -s or -w, found some"},
		{name: "no WebAssembly", env: linux("GOOS", "wasip1", "GOARCH", "wasm"), args: withEnv("GOOS=linux", withEnv("GOARCH=amd64", build...)...),
			want: "expected WebAssembly for wasip1/wasm, found a file that begins with 7f 45 4c 46"},
		{name: "tags", env: linux(), args: []string{"sh", "-c", "exec go build -trimpath -ldflags='-s -w' -o out .", "-trimpath", "-tags=x", "-ldflags=-s -w", "."},
			want: `expected -tags=x, found ""`},
		{name: "another build mode", env: linux(), args: []string{"sh", "-c", "exec go build -trimpath -ldflags='-s -w' -o out .", "-trimpath", "-buildmode=pie", "-ldflags=-s -w", "."},
			want: `expected -buildmode=pie, found "exe"`},
		{name: "no race detector", env: linux(), args: []string{"sh", "-c", "exec go build -trimpath -ldflags='-s -w' -o out .", "-trimpath", "-race", "-ldflags=-s -w", "."},
			want: `expected -race=true, found ""`},
		{name: "cgo", env: linux(), args: withEnv("CGO_ENABLED=1", build...), want: `expected CGO_ENABLED=0, found "1"`},
		{name: "debugging information of Mach-O", env: linux("GOOS", "darwin", "GOARCH", "arm64"), args: []string{"sh", "-c", "exec go build -trimpath -o out .", "-trimpath", "-ldflags=-w", "."},
			want: "expected no debugging information, by -s or -w, found some"},
		{name: "needs a loader", env: linux(), args: []string{"sh", "-c", "exec go build -trimpath -buildmode=pie -ldflags='-s -w' -o out .", "-trimpath", "-ldflags=-s -w", "."},
			want: "expected a static program, since cgo is off, found one that needs a loader"},
		{name: "nothing made", env: linux(), args: []string{"true", "build", "."}, want: "out is not what was asked for: there is no such file"},
		{name: "no program", env: linux(), args: []string{"sh", "-c", "echo x > out", "."}, want: "expected a program for linux/amd64, found 2 bytes"},
		{name: "the command fails", env: linux(), args: []string{"sh", "-c", "echo no >&2; exit 1", "."}, want: "no"},
		{name: "no package", env: linux(), args: []string{"go", "build"}, served: true, code: 2, want: "usage: gostep compile -store DIR [-layer DIR] … (-o FILE | -objects DIR) -- go build … PACKAGE"},
		{name: "no platform", env: linux("GOARCH", ""), args: build, want: "GOOS and GOARCH must be set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := slices.Concat(machine, c.args)
			if c.served {
				args = c.args
			}
			code, said := compile(t, c.env, args...)
			last := said[strings.LastIndex(said, "\n")+1:]
			if c.want == "" && (code != 0 || !strings.HasPrefix(last, "compile "+c.env["GOOS"]+"/"+c.env["GOARCH"]+": ") || !strings.HasSuffix(last, " MB"+c.says)) {
				t.Errorf("exit code %d: %s", code, said)
			}
			if c.want != "" && (code != cmp.Or(c.code, 1) || !strings.Contains(last, c.want)) {
				t.Errorf("exit code %d: %s\nwant %s", code, said, c.want)
			}
		})
	}
}
