package grow

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/acme/xbuild/bench/lab"
)

// TestGenerated holds that generated modules are the same each time and build, and that their programs have
// the packages that were asked for.
func TestGenerated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		make   func(n int) map[string]string
		n      int
		mains  int
		others int
	}{
		{"commands", commands, 1, 1, 4},
		{"commands", commands, 3, 3, 6},
		{"tree", tree, 1, 1, 1},
		{"tree", tree, 23, 1, 23},
	} {
		t.Run(fmt.Sprint(tt.name, tt.n), func(t *testing.T) {
			files := tt.make(tt.n)
			if !maps.Equal(files, tt.make(tt.n)) {
				t.Error("another module each time")
			}
			dir := t.TempDir()
			if err := write(dir, files); err != nil {
				t.Fatal(err)
			}
			command(t, dir, "go", "vet", "./...")
			command(t, dir, "go", "build", "-o", t.TempDir(), "./...")
			own := strings.Count(command(t, dir, "go", "list", "-deps", "-f", "{{if .Module}}{{.ImportPath}}{{end}}", "./cmd/..."), "example.com/")
			p, err := lab.Load(t.Context(), tt.name, dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Mains) != tt.mains || own != tt.mains+tt.others {
				t.Errorf("%d main packages of %d own ones, want %d of %d", len(p.Mains), own, tt.mains, tt.mains+tt.others)
			}
		})
	}
}

// TestEdited holds that the files that are edited exist.
func TestEdited(t *testing.T) {
	if files := commands(1); files[oneMain] == "" || files[shared] == "" {
		t.Error("a command's or the shared file is not there")
	}
	for _, n := range []int{10, 100} {
		if files := tree(n); strings.Contains(files[packageFile(n-1)], "example.com/") {
			t.Errorf("the last package of %d is no leaf:\n%s", n, files[packageFile(n-1)])
		}
	}
}

// write makes the files in the folder dir, by slash path.
func write(dir string, files map[string]string) error {
	all := fstest.MapFS{}
	for name, content := range files {
		all[name] = &fstest.MapFile{Data: []byte(content), Mode: 0o644}
	}
	return os.CopyFS(dir, all)
}

func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s in %s: %v\n%s", name, strings.Join(args, " "), filepath.Base(dir), err, out)
	}
	return strings.TrimSpace(string(out))
}
