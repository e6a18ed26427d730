package scan_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/scan"
)

// setOf narrows builds that share a set, and gives the files of the set.
func setOf(t *testing.T, tree files, builds ...scan.Build) map[string]string {
	t.Helper()
	root := tree.write(t)
	for i := range builds {
		b := &builds[i]
		b.Set, b.ID, b.Module = "set", "x"+b.Main, "."
		b.Target = scan.Target{GOOS: "linux", GOARCH: "amd64"}
	}
	return contents(t, filepath.Join(narrowed(t, root, builds...), "set"))
}

// TestSet has what builds take from elsewhere, as the steps that compile it find it.
func TestSet(t *testing.T) {
	required := mod("example.com/app", "require example.com/v v1.0.0")
	for _, tt := range []struct {
		name    string
		files   files
		build   scan.Build
		imports string
		mod     []string // the files below mod
	}{
		{
			name:    "imports of own packages, not the packages",
			files:   files{"go.mod": required, "go.sum": "", "main.go": prog("fmt", "example.com/app/l"), "l/l.go": lib("l", "os", "example.com/v/x")},
			imports: "example.com/v/x fmt os", mod: []string{"go.mod", "go.sum"},
		},
		{
			name: "packages of a vendor directory, compiled as any that is not own",
			files: files{
				"go.mod": required, "main.go": prog("example.com/v"), "vendor/modules.txt": "# example.com/v v1.0.0\n## explicit; go 1.26\nexample.com/v\nexample.com/v/x\n",
				"vendor/example.com/v/v.go": lib("v", "example.com/v/x", "errors"), "vendor/example.com/v/x/x.go": lib("x"), "vendor/example.com/v/y/y.go": lib("y"),
			},
			imports: "example.com/v",
			mod:     []string{"go.mod", "vendor/example.com/v/v.go", "vendor/example.com/v/x/x.go", "vendor/modules.txt"},
		},
		{
			name:    "the profile by which all are compiled",
			files:   files{"go.mod": goMod, "a/main.go": prog("fmt"), "a/default.pgo": "p"},
			build:   scan.Build{Main: "a", Profile: "a/default.pgo"},
			imports: "fmt", mod: []string{"a/default.pgo", "go.mod"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.build.Main == "" {
				tt.build.Main = "."
			}
			got := setOf(t, tt.files, tt.build)
			if list := strings.Join(strings.Fields(got[scan.ImportsFile]), " "); list != tt.imports {
				t.Errorf("imports are %s, want %s", list, tt.imports)
			}
			var below []string
			for name := range got {
				if rel, ok := strings.CutPrefix(name, "mod/"); ok {
					below = append(below, rel)
				}
			}
			slices.Sort(below)
			if diff := cmp.Diff(tt.mod, below); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestStdlib holds that the list of the standard library is one of two, whatever a program
// imports and whichever versions it requires.
func TestStdlib(t *testing.T) {
	list := func(sum string, imports ...string) string {
		got := setOf(t, files{"go.mod": goMod, "go.sum": sum, "main.go": prog(imports...)}, scan.Build{Main: "."})
		return got["std/"+scan.ImportsFile]
	}
	small, large := list(""), list("", "net/http")
	if small == large || !strings.Contains(large, "\nnet/http\n") || strings.Contains(small, "net/http") {
		t.Errorf("small is\n%s\nlarge is\n%s", small, large)
	}
	for name, got := range map[string]string{
		"another import": list("", "encoding/csv"), "net/url is no network": list("", "net/url"), "another module": list("golang.org/x/text v0.3.0 h1:x\n"),
	} {
		if got != small {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, got := range map[string]string{
		"net": list("", "net"), "a module that speaks HTTP": list("golang.org/x/net v0.3.0 h1:x\n", "errors"), "another version of it": list("golang.org/x/net v0.4.0 h1:y\n", "errors"),
	} {
		if got != large {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestIncluded(t *testing.T) {
	root := files{"p/a.s": "#include \"../inc/a.h\"\n#include \"textflag.h\"\n", "inc/a.h": "#include \"b.h\"\n", "inc/b.h": "", "inc/c.h": ""}.write(t)
	got, err := scan.Included(root, []string{"p/a.s"})
	if diff := cmp.Diff([]string{"inc/a.h", "inc/b.h"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
