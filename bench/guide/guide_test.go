package guide

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/internal/localkit"
	"github.com/acme/xbuild/spec"
)

func TestBuilds(t *testing.T) {
	steps := []result.Step{
		{Name: "[internal] load build context"},
		{Name: "[std linux/amd64] compile"},
		{Name: "[deps linux/amd64] compile"},
		{Name: "[delta linux/amd64] compile"},
		{Name: "[delta linux/amd64] link"},
		{Name: "[beta linux/amd64] compile"},
		{Name: "[alpha linux/amd64] compile", Cached: true},
		{Name: "[beta linux/amd64] copy /beta"},
		{Name: `[build 6/6] RUN --mount=type=cache,target=/root/.cache/go-build     ["go", "build", "-trimpath", "."]`},
		{Name: `[build 5/6] RUN ["go", "mod", "download"]`},
	}
	if got := builds(steps); got != 4 {
		t.Errorf("%d builds, want 4", got)
	}
	if got, want := compiled(steps), []string{"beta", "delta"}; !slices.Equal(got, want) {
		t.Errorf("compiled %q, want %q", got, want)
	}
}

func TestHasPath(t *testing.T) {
	for binary, want := range map[string]bool{
		"\x00/home/ann/own/cmd/eval/main.go\x00":     true,
		"\x00/tmp/a-1/main.go":                       true,
		"\x00example.com/own/cmd/eval/main.go\x00":   false,
		"\x00/usr/local/go/src/fmt/print.go\x00":     false,
		"\x00example.com/own@v1.0.0/cmd/main.go\x00": false,
	} {
		if got := hasPath([]byte(binary)); got != want {
			t.Errorf("%q: %t, want %t", binary, got, want)
		}
	}
}

func TestResolverIn(t *testing.T) {
	got, err := resolverIn("go package net: confVal.netCgo = false\ngo package net: using the Go DNS resolver\n1.0.1 Go\n")
	if want := "using the Go DNS resolver"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := resolverIn("1.0.1 Go\n"); err == nil {
		t.Error("a program that says nothing has a resolver")
	}
}

func TestWithImport(t *testing.T) {
	got, err := withImport("// Command a.\npackage main\n\nimport \"os\"\n", "example.com/m")
	if want := "// Command a.\npackage main\n\nimport _ \"example.com/m\"\n\nimport \"os\"\n"; err != nil || got != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if _, err := withImport("package lib\n", "example.com/m"); err == nil {
		t.Error("no error for another package")
	}
}

// TestAddModule holds that tiny builds with the new dependency, which it had not.
func TestAddModule(t *testing.T) {
	root := repository(t)
	p, err := lab.Load(t.Context(), lab.Tiny, filepath.Join(root, "bench", "apps", lab.Tiny))
	if err != nil {
		t.Fatal(err)
	}
	ch, err := addModule(t.Context(), p, 0)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := copied(&lab.Lab{Temp: t.TempDir()}, p, ch)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir  string
		want bool
	}{{p.Dir, false}, {dir, true}} {
		deps := goCommand(t, c.dir, "list", "-deps", ".")
		if got := slices.Contains(strings.Fields(deps), "github.com/google/uuid"); got != c.want {
			t.Errorf("%s: has the module: %t, want %t", c.dir, got, c.want)
		}
	}
}

// TestPrograms holds that the programs build, and that their specs are right.
func TestPrograms(t *testing.T) {
	root := repository(t)
	for _, c := range []struct {
		name  string
		specs []string
		mains int
	}{
		{"five", []string{"xbuild.yaml"}, 5},
		{"levels", []string{"xbuild.yaml"}, 1},
		{"resolve", []string{"xbuild.yaml", "cgo.yaml"}, 1},
	} {
		dir := folder(root, c.name)
		p, err := lab.Load(t.Context(), c.name, dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Mains) != c.mains {
			t.Errorf("%s: %d main packages, want %d", c.name, len(p.Mains), c.mains)
		}
		goCommand(t, dir, "vet", "./...")
		for _, name := range c.specs {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := spec.Parse(name, text); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestFive holds that the file which is edited is in two of the five binaries.
func TestFive(t *testing.T) {
	p, err := lab.Load(t.Context(), "five", folder(repository(t), "five"))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"beta", "delta"}; !slices.Equal(p.Uses, want) || p.Source != "pair/pair.go" || p.Docs != "README.md" {
		t.Errorf("%s is in %q, docs %s; want pair/pair.go in %q", p.Source, p.Uses, p.Docs, want)
	}
}

// TestPerPlatform holds that the programs of one platform have names of their own.
func TestPerPlatform(t *testing.T) {
	var got []string
	for _, p := range perPlatform(&lab.Program{Name: "p", Platforms: []string{"linux/amd64", "windows/amd64"}}) {
		got = append(got, p.Name+" "+strings.Join(p.Platforms, ","))
	}
	if want := []string{"p-linux-amd64 linux/amd64", "p-windows-amd64 windows/amd64"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestExperiments holds that each exercise quotes the guide, and that a comparison is of columns that there are.
func TestExperiments(t *testing.T) {
	all := Experiments()
	if len(all) != 7 {
		t.Errorf("%d exercises, want 7", len(all))
	}
	for _, e := range all {
		quoted := false
		for _, row := range e.Rows {
			quoted = quoted || row.Guide != nil
			for _, column := range row.Only {
				if !slices.Contains(e.Columns, column) {
					t.Errorf("%s, %s: no column %q", e.Name, row.Name, column)
				}
			}
		}
		if !quoted {
			t.Errorf("%s quotes nothing", e.Name)
		}
		if !slices.Contains(e.Columns, e.Compare.Old) || !slices.Contains(e.Columns, e.Compare.New) {
			t.Errorf("%s compares %q with %q", e.Name, e.Compare.Old, e.Compare.New)
		}
	}
}

func repository(t *testing.T) string {
	t.Helper()
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
