package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const module = "github.com/acme/xbuild"

// maxRequires is how many modules this one may name in go.mod itself. Of them five are for
// tests alone: go-cmp, go-cty (HCL's values), jsonschema, x/crypto (its SSH server) and x/net (its HTML parser).
// Only gen takes cobra, go-containerregistry, go-internal (its diff), hcl and patternmatcher. Only localkit takes x/sys, which
// BuildKit needs anyway: syscall has no setns for all architectures, nor an ioctl without unsafe.
const maxRequires = 24

// level gives how far a package is from the entry points: it may import only packages
// of a higher level. Packages that are no part of the path from spec to image, as the
// kit that tests use, have none.
var level = map[string]int{
	"cmd/frontend":        0,
	"cmd/gen":             0,
	"cmd/gostep":          0,
	"cmd/system":          0,
	"internal/frontend":   1,
	"internal/gen":        1,
	"internal/bake":       2,
	"internal/ci":         2,
	"internal/dockerfile": 2,
	"internal/graph":      2,
	"internal/importer":   2,
	"internal/makefile":   2,
	"internal/report":     2,
	"internal/svg":        3,
	"internal/progress":   3,
	"llb":                 2,
	"internal/gostep":     3, // llb and the frontend name what it reads and writes
	"plan":                3,
	"spec":                4,
	"scan":                4,
	"internal/gocache":    4,
	"internal/diag":       5,
	"internal/system":     5,
	"internal/yamlfmt":    5,
}

// mayImportBuildKit are the packages that name BuildKit themselves. The importer does for its
// parser of Dockerfiles: another one would read them differently.
var mayImportBuildKit = []string{
	"cmd/frontend", "internal/demo", "internal/frontend", "internal/importer", "internal/integration", "internal/localkit", "internal/progress", "llb",
}

// pkg is what go list says of a package, without its tests.
type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string // all that it needs
}

// name is the import path below the module.
func (p pkg) name() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func packages(t *testing.T) (out []pkg) {
	t.Helper()
	os.Getenv("XBUILD_TEST_RUN") // go's test cache can't judge what go list reads
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	data, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(data))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
}

func isBuildKit(path string) bool { return strings.HasPrefix(path+"/", "github.com/moby/buildkit/") }

func isYAML(path string) bool { return strings.Contains(path, "yaml") }

// TestImports holds that imports on the path from spec to image point one way, and that
// only the emitter, what calls it and the kit for tests name BuildKit.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from, leveled := level[p.name()]
		for _, path := range p.Imports {
			own, isOwn := strings.CutPrefix(path, module+"/")
			to, toLeveled := level[own]
			switch {
			case isBuildKit(path) && !slices.ContainsFunc(mayImportBuildKit, func(s string) bool {
				return p.name() == s || strings.HasPrefix(p.name(), s+"/")
			}):
				t.Errorf("%s imports %s; only %s may import BuildKit", p.name(), path, strings.Join(mayImportBuildKit, ", "))
			case !isOwn || !leveled:
			case !toLeveled:
				t.Errorf("%s imports %s, which is not on the path from spec to image", p.name(), own)
			case to <= from:
				t.Errorf("%s imports %s, against the direction cmd/* → internal/{frontend,gen,gostep} → llb → plan → spec, scan → internal/diag", p.name(), own)
			}
		}
	}
}

// TestStepProgramIsSmall holds that the program which is mounted into every step, and
// whose bytes are in every step's cache key, has neither BuildKit nor YAML in it.
func TestStepProgramIsSmall(t *testing.T) {
	found := 0
	for _, p := range packages(t) {
		if !slices.Contains([]string{"cmd/gostep", "internal/gostep", "internal/gocache", "scan"}, p.name()) {
			continue
		}
		found++
		for _, dep := range p.Deps {
			if isBuildKit(dep) || isYAML(dep) {
				t.Errorf("%s depends on %s", p.name(), dep)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d of the 4 packages were found", found)
	}
}

func TestDependencyBudget(t *testing.T) {
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	f, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range f.Require {
		if !r.Indirect {
			direct = append(direct, r.Mod.Path)
		}
	}
	if len(direct) > maxRequires {
		t.Errorf("go.mod requires %d modules directly, and the budget is %d: do without the new one, or argue in this test why it is worth it:\n%s",
			len(direct), maxRequires, strings.Join(direct, "\n"))
	}
}
