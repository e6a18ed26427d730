package integration

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// mixed is a project with C of its own, and with a program without it.
var mixed = map[string]string{
	"go.mod":       "module example.com/mixed\n\ngo 1.26\n",
	"pure/main.go": "package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(\"pure\\n\") }\n",
	"c/sum.c":      "#include \"sum.h\"\nint sum(int a, int b) { return a + b; }\n",
	"c/sum.h":      "int sum(int a, int b);\n",
	"c/main.go":    "package main\n\n// #include \"sum.h\"\nimport \"C\"\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n)\n\nfunc main() { fmt.Println(runtime.GOARCH, C.sum(20, 22)) }\n",
	"lib/lib.go":   "package main\n\nimport \"C\"\n\n//export Answer\nfunc Answer() C.int { return 42 }\n\nfunc main() {}\n",
	"plugin/p.go":  "package main\n\nimport \"C\"\n\nfunc Answer() int { return 42 }\n",
	"race/main.go": "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tn, done := 0, make(chan bool)\n\tgo func() { n++; done <- true }()\n\tn++\n\t<-done\n\tfmt.Println(n)\n}\n",
	"pkg/main.go":  "package main\n\n// #cgo pkg-config: zlib\n// #include <zlib.h>\nimport \"C\"\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(C.GoString(C.zlibVersion())) }\n",
	"Dockerfile":   "# syntax=acme/xbuild\nbinaries:\n  c: {main: ./c, cgo: {static: true}}\n  pure: ./pure\n",
	"modes.yaml":   "# syntax=acme/xbuild\nbuild: {cgo: true}\nbinaries:\n  shared: {main: ./lib, buildmode: c-shared}\n  archive: {main: ./lib, buildmode: c-archive}\n  plugin: {main: ./plugin, buildmode: plugin}\n  race: {main: ./race, flags: [-race]}\n  dynamic: ./c\n",
	"libs.yaml":    "# syntax=acme/xbuild\nbinaries:\n  zlib: {main: ./pkg, cgo: {libs: [zlib1g-dev], static: true}}\n",
	"nowhere.yaml": "# syntax=acme/xbuild\nbinaries:\n  c: {main: ./c, cgo: {packages: [no-such-package]}}\n",
	"alpine.yaml":  "# syntax=acme/xbuild\ngo: {image: golang:1.26-alpine}\nbinaries:\n  c: {main: ./c, cgo: true}\n",
	"wantcc.yaml":  "# syntax=acme/xbuild\nbinaries:\n  c: {main: ./c, cgo: {cc: cc-of-mine}}\n",
	"stamped.yaml": "# syntax=acme/xbuild\nbinaries:\n  c: {main: ./c, cgo: {static: true}, ldflags: [\"-X main.version={{.Version}}\"]}\n",
	"windows.yaml": "# syntax=acme/xbuild\nbinaries:\n  c: {main: ./c, cgo: true}\n",
}

// emulated runs a static program of another architecture and gives what it prints.
func emulated(t *testing.T, goarch string, program []byte, args ...string) string {
	t.Helper()
	emulator, err := localkit.Emulator(t.Context(), os.Stderr, goarch)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, program, 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), emulator, append([]string{file}, args...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", emulator, err)
	}
	return string(out)
}

// TestCGo compiles C for two other architectures, and runs what it made. The program without C is
// the one that go build makes, with nothing of the other below it.
func TestCGo(t *testing.T) {
	k := kit(t)
	debian(t, k)
	dir := project(t, mixed)
	res := build(t, k, request{dir: dir, platforms: "linux/arm64,linux/arm/v7", attrs: map[string]string{"target": "binaries"}})
	for name, goarch := range map[string]string{"linux_arm64/c": "arm64", "linux_arm_v7/c": "arm"} {
		if got, want := emulated(t, goarch, res.data[name]), goarch+" 42\n"; got != want {
			t.Errorf("%s prints %q, want %q", name, got, want)
		}
	}
	for name, env := range map[string]string{"linux_arm64/pure": "GOARCH=arm64 GOARM64=v8.0", "linux_arm_v7/pure": "GOARCH=arm GOARM=7"} {
		if want := goBuilt(t, dir, "./pure", env, "-ldflags=-s -w"); !bytes.Equal(res.data[name], want) {
			t.Errorf("%s has %d bytes, go build makes other %d", name, len(res.data[name]), len(want))
		}
	}
	res = build(t, k, request{dir: dir, platforms: "linux/arm64", attrs: map[string]string{"target": "pure"}})
	for name := range res.vertices {
		if strings.HasPrefix(name, "[cc") {
			t.Errorf("pure Go takes %s", name)
		}
	}
}

// TestCGoLibs links a library of Debian's for the target.
func TestCGoLibs(t *testing.T) {
	k := kit(t)
	debian(t, k)
	res := build(t, k, request{dir: project(t, mixed), file: "libs.yaml", platforms: "linux/arm64", attrs: map[string]string{"target": "binaries"}})
	if got := emulated(t, "arm64", res.data["zlib"]); !strings.HasPrefix(got, "1.") {
		t.Errorf("zlib's version is %q", got)
	}
}

// TestCGoStamped compiles once for all stamps, and links with the C compiler.
func TestCGoStamped(t *testing.T) {
	k := kit(t)
	debian(t, k)
	dir := project(t, mixed)
	for _, version := range []string{"v1", "v2"} {
		res := build(t, k, request{dir: dir, file: "stamped.yaml", platforms: "linux/arm64",
			attrs: map[string]string{"target": "binaries", "build-arg:VERSION": version + t.TempDir()}})
		if got := emulated(t, "arm64", res.data["c"]); got != "arm64 42\n" {
			t.Errorf("it prints %q", got)
		}
		if ran := res.ran(); version == "v2" && slices.Contains(ran, "[c linux/arm64] compile") {
			t.Errorf("another stamp ran %v", ran)
		}
	}
}

// TestCGoMistakes has what is said where no C compiler is to be had.
func TestCGoMistakes(t *testing.T) {
	k := kit(t)
	debian(t, k)
	dir := project(t, mixed)
	for _, c := range []struct{ file, platform, want string }{
		{"nowhere.yaml", "linux/arm64", "Unable to locate package no-such-package"},
		{"alpine.yaml", "linux/arm64", "cgo for linux/arm64 needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, which the toolchain image lacks, and it has no apt-get"},
		{"wantcc.yaml", "linux/arm64", "the toolchain image has no cc-of-mine"},
		{"windows.yaml", "windows/amd64", "Debian has no C compiler for windows/amd64"},
	} {
		t.Run(c.file, func(t *testing.T) {
			res, err := tryBuild(t, k, request{dir: dir, file: c.file, platforms: c.platform, attrs: map[string]string{"target": "binaries"}})
			if said := fmt.Sprint(res.logs, err); err == nil || !strings.Contains(said, c.want) {
				t.Errorf("got %s, want %s", said, c.want)
			}
		})
	}
}

// TestCGoModules compiles the C of a module once, in the step of the dependencies. On another machine that knows the
// caches alone, an edit of own code compiles no C and installs nothing.
func TestCGoModules(t *testing.T) {
	t.Parallel()
	k := kit(t)
	debian(t, k)
	p := serveModules(t, archive(t, "modules"))
	dir := project(t, map[string]string{
		"go.mod":  "module example.com/own/c\n\ngo 1.26\n",
		"main.go": "package main\n\nimport (\n\t\"os\"\n\n\t\"example.com/native\"\n)\n\nfunc main() { os.Stdout.WriteString(edit + native.Name()) }\n",
		"edit.go": "package main\n\nconst edit = \"one \"\n",
	})
	write(t, filepath.Join(dir, "Dockerfile"), p.spec()+"binaries:\n  c: {main: ., cgo: {static: true}}\n")
	p.run(t, dir, "mod", "tidy")
	tr := tree{dir: dir, platforms: "linux/arm64", ref: "test/cgo:1"}
	res := build(t, k, tr.request(request{exports: registryCache(k.Registry.Ref(tr.ref))}))
	if got, want := emulated(t, "arm64", res.data["c"]), "one C"; got != want {
		t.Errorf("it prints %q, want %q\n%s", got, want, res.logs)
	}
	second := fresh(t)
	write(t, filepath.Join(dir, "edit.go"), "package main\n\nconst edit = \"two \"\n")
	res = build(t, second, tr.request(request{imports: registryCache(second.Registry.Ref(tr.ref))}))
	if got, want := emulated(t, "arm64", res.data["c"]), "two C"; got != want {
		t.Errorf("it prints %q, want %q", got, want)
	}
	res.findsShared(t)
	if want := ", 1 compiled, "; !strings.Contains(res.logs, want) {
		t.Errorf("the log says no %q:\n%s", want, res.logs)
	}
}
