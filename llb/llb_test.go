package llb_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/acme/xbuild/internal/golden"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	bk "github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var (
	amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = ocispecs.Platform{OS: "linux", Architecture: "arm64"}
)

// tool stands for a folder with gostep in it.
var tool = bk.Local("gostep")

// specFile finds the spec of an example: a Dockerfile, else an xbuild.yaml.
func specFile(t testing.TB, dir string) string {
	t.Helper()
	for _, name := range []string{"Dockerfile", "xbuild.yaml"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	t.Fatalf("%s has no spec", dir)
	return ""
}

// planOf plans the default target of the project in dir.
func planOf(t testing.TB, dir string, req plan.Request) *plan.Plan {
	t.Helper()
	file := specFile(t, dir)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Parse(filepath.Base(file), data)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := scan.Dir(dir, plan.ScanRequest(s, req))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, facts, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestExamples holds the LLB and the image config of every example: adding a folder
// adds a test.
func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("../examples/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			p := planOf(t, dir, plan.Request{BuildPlatform: amd64, Platforms: []ocispecs.Platform{amd64, arm64}})
			b, err := llb.Emit(p, llb.Options{LocalID: "local", Tool: tool})
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, filepath.Join(dir, "want", "llb.txt"), []byte(dump(t, b)))
			golden.Equal(t, filepath.Join(dir, "want", "config.json"), []byte(indent(t, b.Targets[0].Image)))
		})
	}
}

func indent(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data) + "\n"
}

// TestNoEmulation refuses a step on a platform other than the builder's.
func TestNoEmulation(t *testing.T) {
	p := planOf(t, "../examples/hello", plan.Request{BuildPlatform: amd64, Platforms: []ocispecs.Platform{arm64}})
	b, err := llb.Emit(p, llb.Options{Tool: tool})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Marshal(t.Context(), b.Targets[0].State); err != nil {
		t.Errorf("a cross compile is refused: %v", err)
	}
	emulated := bk.Merge([]bk.State{b.Targets[0].State, bk.Image("tools", bk.Platform(arm64)).Run(bk.Args([]string{"go", "env"})).Root()})
	_, err = b.Marshal(t.Context(), emulated)
	if want := `step "go env" would run on linux/arm64, emulated on the builder's linux/amd64`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
