package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// probe stands in for the go command. It reports what a compile step can reach, and
// then writes the file that the step is to make.
const probe = `package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"time"
)

func main() {
	if !slices.Contains(os.Args, "-o") { // another step, which asks something
		return
	}
	report := func(what string, err error) { fmt.Printf("PROBE %s: %v\n", what, err) }
	_, err := net.DialTimeout("tcp", "REGISTRY", 2*time.Second)
	report("network", err)
	report("source", os.WriteFile("/src/new.go", []byte("package main\n"), 0o644))
	report("output", os.WriteFile("/out/tiny", []byte("x"), 0o755))
	report("build cache", os.WriteFile("/xbuild/build/probe", nil, 0o644))
}
`

// fakeGo pushes a toolchain whose go command is the program in source, with extra files
// beside it, and gives a project that is built with it.
func fakeGo(t *testing.T, k *localkit.Kit, repo, source string, files localkit.Files) string {
	t.Helper()
	files["/bin/go"] = localkit.File{Content: program(t, source), Mode: 0o755}
	img, err := localkit.NewImage("linux/"+runtime.GOARCH, v1.Config{Env: []string{"PATH=/bin"}}, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Push(t.Context(), repo, img); err != nil {
		t.Fatal(err)
	}
	spec := "# syntax=acme/xbuild\ngo:\n  image: " + k.Registry.Ref(repo) + "\nbinaries:\n  tiny: .\n"
	return project(t, with(tiny, map[string]string{"Dockerfile": spec}))
}

// program compiles source, outside of any container.
func program(t *testing.T, source string, env ...string) []byte {
	t.Helper()
	dir := project(t, map[string]string{"go.mod": "module program\n\ngo 1.26\n", "main.go": source})
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", "out", ".")
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCompileIsIsolated runs a probe in place of the go command of the toolchain.
func TestCompileIsIsolated(t *testing.T) {
	k := kit(t)
	dir := fakeGo(t, k, "test/probe:1", strings.ReplaceAll(probe, "REGISTRY", k.Registry.Host()), localkit.Files{})
	res, err := tryBuild(t, k, request{dir: dir})
	for _, want := range []string{
		"PROBE network: dial tcp " + k.Registry.Host() + ": connect: connection refused", // a loopback of its own
		"PROBE source: open /src/new.go: read-only file system",
		"PROBE output: <nil>",
		"PROBE build cache: <nil>",
		"/out/tiny is not what was asked for: expected a program for " + native() + ", found 1 bytes",
	} {
		if !strings.Contains(res.logs, want) {
			t.Errorf("the step's log lacks %q:\n%s", want, res.logs)
		}
	}
	if err == nil {
		t.Error("a file that is no program was taken")
	}
}

// TestWrongBinary fails the build when the toolchain makes something else than it was
// asked for, and shows the binary's line of the spec.
func TestWrongBinary(t *testing.T) {
	k := kit(t)
	dir := fakeGo(t, k, "test/wrong:1", `package main

import "os"

func main() {
	data, err := os.ReadFile("/bin/wrong")
	if err == nil {
		err = os.WriteFile("/out/tiny", data, 0o755)
	}
	if err != nil {
		panic(err)
	}
}
`, localkit.Files{"/bin/wrong": {Content: program(t, tiny["main.go"], "GOARCH=s390x")}})
	res, err := tryBuild(t, k, request{dir: dir, platforms: "linux/amd64"})
	if want := "expected EM_X86_64 ELFCLASS64 ELFDATA2LSB for linux/amd64, found EM_S390 ELFCLASS64 ELFDATA2MSB"; err == nil || !strings.Contains(res.logs, want) {
		t.Errorf("got %v and\n%s, want %s", err, res.logs, want)
	}
	checkSources(t, err, []int32{5})
}
