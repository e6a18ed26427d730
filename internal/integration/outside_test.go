package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplacedOutside builds a module that replaces two others by directories which are not in
// the build context: the client gives them as contexts of their own.
func TestReplacedOutside(t *testing.T) {
	k := kit(t)
	root := project(t, map[string]string{
		"group/app/Dockerfile":  "# syntax=acme/xbuild\n",
		"group/app/go.mod":      "module example.com/app\n\ngo 1.26\n\nrequire (\n\texample.com/lib v0.0.0\n\texample.com/far v0.0.0\n)\n\nreplace (\n\texample.com/lib => ../lib\n\texample.com/far v0.0.0 => ../../far\n)\n",
		"group/app/main.go":     "package main\n\nimport \"example.com/lib\"\n\nfunc main() { println(lib.Text()) }\n",
		"group/app/app_test.go": "package main\n\nimport (\n\t\"testing\"\n\n\t\"example.com/lib\"\n)\n\nfunc TestText(t *testing.T) {\n\tif lib.Text() != \"far\" {\n\t\tt.Error(lib.Text())\n\t}\n}\n",
		"group/lib/go.mod":      "module example.com/lib\n\ngo 1.26\n\nrequire example.com/far v0.0.0\n",
		"group/lib/lib.go":      "package lib\n\nimport \"example.com/far\"\n\nfunc Text() string { return far.Text }\n",
		"far/go.mod":            "module example.com/far\n\ngo 1.26\n",
		"far/far.go":            "package far\n\nconst Text = \"far\"\n",
	})
	app := filepath.Join(root, "group/app")
	out := filepath.Join(t.TempDir(), "out")
	buildx := func(args ...string) (string, error) {
		cmd := k.Buildx(t.Context(), append(append([]string{"build", "--progress=plain", "--platform", "linux/amd64", "--output", "type=local,dest=" + out}, args...), app)...)
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	lib, far := "--build-context=example.com/lib="+filepath.Join(root, "group/lib"), "--build-context=example.com/far="+filepath.Join(root, "far")
	if said, err := buildx(lib); err == nil || !strings.Contains(said, "module example.com/far is replaced by a directory outside of the build context: give it with --build-context example.com/far=DIR [missing-context]") {
		t.Errorf("without one of them: %v\n%s", err, said)
	}
	if said, err := buildx(lib, far, "--target", "test"); err != nil {
		t.Errorf("test: %v\n%s", err, said)
	}
	if said, err := buildx(lib, far, "--target", "binaries"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	got, err := os.ReadFile(filepath.Join(out, "app"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, goBuilt(t, app, ".", "", "-ldflags=-s -w")) {
		t.Error("the binary is not what go build makes")
	}
}
