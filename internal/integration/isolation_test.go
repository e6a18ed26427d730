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
	"time"
)

func main() {
	report := func(what string, err error) { fmt.Printf("PROBE %s: %v\n", what, err) }
	_, err := net.DialTimeout("tcp", "REGISTRY", 2*time.Second)
	report("network", err)
	report("source", os.WriteFile("/src/new.go", []byte("package main\n"), 0o644))
	report("output", os.WriteFile("/out/tiny", []byte("x"), 0o755))
	report("build cache", os.WriteFile("/xbuild/build/probe", nil, 0o644))
}
`

// TestCompileIsIsolated runs a probe in place of the go command of the toolchain.
func TestCompileIsIsolated(t *testing.T) {
	k := kit(t)
	dir := project(t, map[string]string{"go.mod": "module probe\n\ngo 1.26\n", "main.go": strings.ReplaceAll(probe, "REGISTRY", k.Registry.Host())})
	bin := filepath.Join(dir, "go")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	img, err := localkit.NewImage("linux/"+runtime.GOARCH, v1.Config{Env: []string{"PATH=/bin"}}, localkit.Files{
		"/bin/go": {Content: data, Mode: 0o755},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Push(t.Context(), "test/probe:1", img); err != nil {
		t.Fatal(err)
	}
	spec := "# syntax=acme/xbuild\ngo:\n  image: " + k.Registry.Ref("test/probe:1") + "\n"
	res := build(t, k, request{dir: project(t, with(tiny, map[string]string{"Dockerfile": spec})), attrs: map[string]string{"no-cache": ""}})
	for _, want := range []string{
		"PROBE network: dial tcp " + k.Registry.Host() + ": connect: connection refused", // a loopback of its own
		"PROBE source: open /src/new.go: read-only file system",
		"PROBE output: <nil>",
		"PROBE build cache: <nil>",
	} {
		if !strings.Contains(res.logs, want) {
			t.Errorf("the step's log lacks %q:\n%s", want, res.logs)
		}
	}
}
