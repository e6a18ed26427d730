package scan_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/scan"
)

const (
	mainGo = "package main\n\nfunc main() {}\n"
	libGo  = "package lib\n"
	goMod  = "module example.com/app\n\ngo 1.26\n"
)

// files is a source tree: content by slash path. A path that ends in / is a directory.
type files map[string]string

func (f files) write(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range f {
		file := filepath.Join(root, filepath.FromSlash(name))
		dir := filepath.Dir(file)
		if strings.HasSuffix(name, "/") {
			dir = file
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if dir == file {
			continue
		}
		if err := os.WriteFile(file, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func scanned(t testing.TB, root string, targets ...scan.Target) *scan.Facts {
	t.Helper()
	if len(targets) == 0 {
		targets = []scan.Target{{GOOS: "linux", GOARCH: "amd64"}}
	}
	facts, err := scan.Dir(root, scan.Request{Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// TestMains has the main packages as `dir (module): targets` and the other packages.
func TestMains(t *testing.T) {
	linux := scan.Target{GOOS: "linux", GOARCH: "amd64"}
	windows := scan.Target{GOOS: "windows", GOARCH: "amd64"}
	darwin := scan.Target{GOOS: "darwin", GOARCH: "arm64"}
	for _, tt := range []struct {
		name     string
		files    files
		targets  []scan.Target // linux/amd64 when empty
		mains    []string
		packages []string
	}{
		{name: "an empty directory"},
		{
			name:  "one main package at the root",
			files: files{"go.mod": goMod, "main.go": mainGo},
			mains: []string{". (.): linux/amd64"},
		},
		{
			name:     "several main packages, sorted, and a library",
			files:    files{"go.mod": goMod, "cmd/b/main.go": mainGo, "cmd/a/main.go": mainGo, "cmd/a/lib/lib.go": libGo},
			mains:    []string{"cmd/a (.): linux/amd64", "cmd/b (.): linux/amd64"},
			packages: []string{"cmd/a/lib"},
		},
		{
			name:  "without a go.mod a main package can't be built",
			files: files{"main.go": mainGo},
		},
		{
			name:  "a nested module has its own",
			files: files{"go.mod": goMod, "main.go": mainGo, "tools/go.mod": "module example.com/tools\n", "tools/gen/main.go": mainGo},
			mains: []string{". (.): linux/amd64", "tools/gen (tools): linux/amd64"},
		},
		{
			name:  "a nested go.mod that is empty is a border too",
			files: files{"go.mod": goMod, "main.go": mainGo, "web/go.mod": "", "web/gen/main.go": mainGo},
			mains: []string{". (.): linux/amd64", "web/gen (web): linux/amd64"},
		},
		{
			name:  "a directory named go.mod is none",
			files: files{"go.mod": goMod, "cmd/go.mod/": "", "cmd/main.go": mainGo},
			mains: []string{"cmd (.): linux/amd64"},
		},
		{
			name:     "a main file that is ignored does not make a library a command",
			files:    files{"go.mod": goMod, "lib.go": libGo, "gen.go": "//go:build ignore\n\n" + mainGo},
			packages: []string{"."},
		},
		{
			name:     "tests are no packages",
			files:    files{"go.mod": goMod, "a/a_test.go": mainGo, "b/b.go": libGo, "b/b_test.go": "package main\n"},
			packages: []string{"b"},
		},
		{
			name:  "files whose names begin with _ or . are no packages",
			files: files{"go.mod": goMod, "a/_a.go": mainGo, "b/.b.go": mainGo, "c/c.go/": ""},
		},
		{
			name:     "a command for windows alone is no command on linux",
			files:    files{"go.mod": goMod, "svc/main.go": "//go:build windows\n\n" + mainGo},
			packages: []string{"svc"},
		},
		{
			name:    "each command has the targets that it builds for, in the request's order",
			files:   files{"go.mod": goMod, "svc/main_windows.go": mainGo, "tool/main.go": mainGo, "unix/main.go": "//go:build unix\n\n" + mainGo},
			targets: []scan.Target{windows, linux, darwin, windows},
			mains: []string{
				"svc (.): windows/amd64",
				"tool (.): windows/amd64, linux/amd64, darwin/arm64",
				"unix (.): linux/amd64, darwin/arm64",
			},
		},
		{
			name:    "the suffix of a file's name is a constraint on the architecture",
			files:   files{"go.mod": goMod, "main_linux_arm64.go": mainGo, "lib_linux.go": "package main\n"},
			targets: []scan.Target{linux, {GOOS: "linux", GOARCH: "arm64"}, darwin},
			mains:   []string{". (.): linux/amd64, linux/arm64"},
		},
		{
			name:  "tags are of a target",
			files: files{"go.mod": goMod, "main.go": "//go:build pro && !lite\n\n" + mainGo},
			targets: []scan.Target{
				linux,
				{GOOS: "linux", GOARCH: "amd64", Tags: []string{"pro"}},
				{GOOS: "linux", GOARCH: "amd64", Tags: []string{"lite", "pro"}},
			},
			mains: []string{". (.): linux/amd64 -tags=pro"},
		},
		{
			name:    "cgo is of a target",
			files:   files{"go.mod": goMod, "main.go": "package main\n\nimport \"C\"\n\nfunc main() {}\n"},
			targets: []scan.Target{linux, {GOOS: "linux", GOARCH: "amd64", CGo: true}},
			mains:   []string{". (.): linux/amd64 cgo"},
		},
		{
			name: "testdata, vendor and names that begin with _ or . are passed over",
			files: files{
				"go.mod": goMod, "main.go": mainGo, "testdata/a/main.go": mainGo, "vendor/example.com/b/main.go": mainGo,
				"_old/main.go": mainGo, ".hidden/main.go": mainGo, "a/testdata/main.go": mainGo, "a/_x/y/main.go": mainGo,
			},
			mains: []string{". (.): linux/amd64"},
		},
		{
			name: "an ignore line that begins with ./ means one directory",
			files: files{
				"go.mod": goMod + "\nignore ./web/gen\n", "web/gen/main.go": mainGo, "web/gen/deep/main.go": mainGo,
				"web/main.go": mainGo, "a/web/gen/main.go": mainGo, "web/generate/main.go": mainGo,
			},
			mains: []string{"a/web/gen (.): linux/amd64", "web (.): linux/amd64", "web/generate (.): linux/amd64"},
		},
		{
			name: "any other ignore line means that name at every depth",
			files: files{
				"go.mod": goMod + "\nignore (\n\tnode_modules\n\tx/y/\n)\n", "node_modules/a/main.go": mainGo, "web/node_modules/main.go": mainGo,
				"a/x/y/main.go": mainGo, "x/z/main.go": mainGo, "my_node_modules/main.go": mainGo,
			},
			mains: []string{"my_node_modules (.): linux/amd64", "x/z (.): linux/amd64"},
		},
		{
			name: "a module's ignore lines mean nothing outside it",
			files: files{
				"go.mod": goMod, "gen/main.go": mainGo,
				"a/b/go.mod": "module example.com/b\n\nignore (\n\t./gen\n\tb/c\n)\n", "a/b/gen/main.go": mainGo, "a/b/c/main.go": mainGo, "a/bc/gen/main.go": mainGo,
			},
			mains: []string{"a/b/c (a/b): linux/amd64", "a/bc/gen (.): linux/amd64", "gen (.): linux/amd64"},
		},
		{
			name:  "a file that does not parse is the compiler's to judge",
			files: files{"go.mod": goMod, "main.go": mainGo, "broken.go": "package main\n\nfunc {\n", "a/broken.go": "pakcage main\n"},
			mains: []string{". (.): linux/amd64"}, packages: []string{"a"},
		},
		{
			name:  "two packages in one directory are the compiler's to judge",
			files: files{"go.mod": goMod, "a.go": mainGo, "b.go": libGo},
			mains: []string{". (.): linux/amd64"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facts := scanned(t, tt.files.write(t), tt.targets...)
			var mains []string
			for _, m := range facts.Mains {
				mains = append(mains, fmt.Sprintf("%s (%s): %s", m.Dir, m.Module, strings.Join(m.Targets, ", ")))
			}
			if diff := cmp.Diff(tt.mains, mains); diff != "" {
				t.Errorf("mains (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.packages, facts.Packages); diff != "" {
				t.Errorf("packages (-want +got)\n%s", diff)
			}
		})
	}
}

// TestModules has what go.mod, go.work and vendor/modules.txt say.
func TestModules(t *testing.T) {
	for _, tt := range []struct {
		name    string
		files   files
		work    *scan.Work
		modules []scan.Module
	}{
		{name: "none"},
		{
			name:    "a module without anything",
			files:   files{"go.mod": "module example.com/app\n"},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app"}},
		},
		{
			name:    "go line, toolchain line, requirements",
			files:   files{"go.mod": "module example.com/app\n\ngo 1.26.3\n\ntoolchain go1.27.1\n\nrequire golang.org/x/mod v0.42.0\n"},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26.3", Toolchain: "go1.27.1", Requires: true}},
		},
		{
			name:    "toolchain default asks for none",
			files:   files{"go.mod": goMod + "\ntoolchain default\n"},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26"}},
		},
		{
			name:    "a go.mod of a newer Go",
			files:   files{"go.mod": "module example.com/app\n\ngo 1.99\n\nfuturistic (\n\tx => y\n)\n\nsurprise z\n"},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.99"}},
		},
		{
			name:  "nested modules, sorted",
			files: files{"go.mod": goMod, "b/go.mod": "module example.com/b\n", "a/go.mod": "module example.com/a\n", "testdata/go.mod": "module no\n"},
			modules: []scan.Module{
				{Dir: ".", Path: "example.com/app", Go: "1.26"},
				{Dir: "a", Path: "example.com/a"},
				{Dir: "b", Path: "example.com/b"},
			},
		},
		{
			name:    "a vendored module",
			files:   files{"go.mod": goMod, "vendor/modules.txt": "# example.com/x v1.0.0\n"},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26", Vendor: true}},
		},
		{
			name:    "a vendor folder without modules.txt",
			files:   files{"go.mod": goMod, "vendor/x/x.go": libGo},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26"}},
		},
		{
			name: "a workspace",
			files: files{
				"go.work": "go 1.26\n\ntoolchain go1.26.8\n\nuse (\n\t./b\n\t./a/\n\t.\n)\n",
				"go.mod":  goMod, "a/go.mod": "module example.com/a\n", "b/go.mod": "module example.com/b\n",
			},
			work: &scan.Work{Go: "1.26", Toolchain: "go1.26.8", Use: []string{".", "a", "b"}},
			modules: []scan.Module{
				{Dir: ".", Path: "example.com/app", Go: "1.26"},
				{Dir: "a", Path: "example.com/a"},
				{Dir: "b", Path: "example.com/b"},
			},
		},
		{
			name:    "a vendored workspace",
			files:   files{"go.work": "go 1.26\n\nuse .\n", "go.mod": goMod, "vendor/modules.txt": "## workspace\n# example.com/x v1.0.0\n"},
			work:    &scan.Work{Go: "1.26", Use: []string{"."}, Vendor: true},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26"}},
		},
		{
			name:    "a workspace does not use what one of its modules vendors",
			files:   files{"go.work": "go 1.26\n\nuse .\n", "go.mod": goMod, "vendor/modules.txt": "# example.com/x v1.0.0\n"},
			work:    &scan.Work{Go: "1.26", Use: []string{"."}},
			modules: []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26", Vendor: true}},
		},
		{
			name:  "a go.work below the root is none of ours",
			files: files{"a/go.work": "go 1.26\n"},
		},
		{
			name:    "a go.mod that does not parse",
			files:   files{"a/go.mod": "module example.com/app\n\nrequire x\nrequire (\n\ty v1 v2\n)\n"},
			modules: []scan.Module{{Dir: "a", Problems: []string{"a/go.mod:3: usage: require module/path v1.2.3", "a/go.mod:5:2: usage: require module/path v1.2.3"}}},
		},
		{
			name:    "a go.mod that is not text",
			files:   files{"go.mod": "module \x00\n(((\n"},
			modules: []scan.Module{{Dir: ".", Problems: []string{`go.mod:1:8: unexpected input character '\x00'`}}},
		},
		{
			name:    "an empty go.mod",
			files:   files{"go.mod": ""},
			modules: []scan.Module{{Dir: ".", Problems: []string{"go.mod: no module line"}}},
		},
		{
			name:  "a go.work that does not parse",
			files: files{"go.work": "go 1.26\n\nuse (\n\t./a ./b\n)\n\nsurprise\n"},
			work:  &scan.Work{Problems: []string{"go.work:4:2: usage: use local/dir", "go.work:7: unknown directive: surprise"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			facts := scanned(t, tt.files.write(t))
			if diff := cmp.Diff(tt.work, facts.Work); diff != "" {
				t.Errorf("work (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.modules, facts.Modules); diff != "" {
				t.Errorf("modules (-want +got)\n%s", diff)
			}
		})
	}
}

func TestEmbeds(t *testing.T) {
	embed := func(patterns string) string {
		return "package lib\n\nimport _ \"embed\"\n\n//go:embed " + patterns + "\nvar x string\n"
	}
	for _, tt := range []struct {
		name  string
		files files
		want  []string
	}{
		{"a file", files{"go.mod": goMod, "a/a.go": embed("motto.txt")}, []string{"a/motto.txt"}},
		{"several patterns, sorted, each once", files{"go.mod": goMod, "a.go": embed("web *.sql web"), "b.go": embed("web")}, []string{"*.sql", "web"}},
		{"a quoted pattern", files{"go.mod": goMod, "a.go": embed("\"a b.txt\" `c d`")}, []string{"a b.txt", "c d"}},
		{"all: is about hidden files", files{"go.mod": goMod, "a/a.go": embed("all:web")}, []string{"a/web"}},
		{"testdata", files{"go.mod": goMod, "a/a.go": embed("testdata/x.json")}, []string{"a/testdata/x.json"}},
		{"behind a build constraint", files{"go.mod": goMod, "a.go": libGo, "b.go": "//go:build pro\n\n" + embed("pro"), "c_windows.go": embed("ico")}, []string{"ico", "pro"}},
		{"beside import C", files{"go.mod": goMod, "a.go": strings.Replace(embed("x"), "import", "import \"C\"\nimport", 1)}, []string{"x"}},
		{"of another package in the directory", files{"go.mod": goMod, "a.go": libGo, "gen.go": "//go:build ignore\n\n" + strings.Replace(embed("x"), "lib", "main", 1)}, []string{"x"}},
		{"beside a file that does not parse", files{"go.mod": goMod, "a.go": "package {", "b.go": embed("x")}, []string{"x"}},
		{"of a test", files{"go.mod": goMod, "a_test.go": embed("x")}, nil},
		{"in a folder that is passed over", files{"go.mod": goMod, "testdata/a.go": embed("x"), "vendor/y/y.go": embed("z")}, nil},
		{"outside of the package", files{"go.mod": goMod, "a/a.go": embed("../x /y . ok")}, []string{"a/ok"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, scanned(t, tt.files.write(t)).Embeds); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRootThatCannotBeRead(t *testing.T) {
	file := filepath.Join(files{"go.mod": goMod}.write(t), "go.mod")
	for name, root := range map[string]string{"missing": filepath.Join(t.TempDir(), "none"), "a file": file} {
		if facts, err := scan.Dir(root, scan.Request{}); err == nil {
			t.Errorf("%s: no error, but %+v", name, facts)
		}
	}
}

// TestSymlinks checks that links to directories are not followed, but the root itself.
func TestSymlinks(t *testing.T) {
	root := files{"go.mod": goMod, "cmd/a/main.go": mainGo}.write(t)
	link := filepath.Join(t.TempDir(), "project")
	for name, target := range map[string]string{
		filepath.Join(root, "linked"):    files{"main.go": mainGo}.write(t),
		filepath.Join(root, "cmd", "b"):  "a",
		filepath.Join(root, "cmd", "up"): "..", // would never end
		filepath.Join(root, "broken.go"): "nowhere.go",
		link:                             root,
	} {
		if err := os.Symlink(target, name); err != nil {
			t.Skip(err)
		}
	}
	want := []scan.Main{{Dir: "cmd/a", Module: ".", Targets: []string{"linux/amd64"}}}
	for name, root := range map[string]string{"the directory": root, "a link to it": link} {
		if diff := cmp.Diff(want, scanned(t, root).Mains); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

// TestDeterminism checks that equal trees give equal bytes, wherever they are and
// whatever the environment says.
func TestDeterminism(t *testing.T) {
	tree := files{
		"go.work":  "go 1.26\n\nuse (\n\t./b\n\t./a\n)\n",
		"a/go.mod": "module example.com/a\n\ngo 1.26\n\ntoolchain go1.26.8\n", "b/go.mod": "module (\n",
		"a/main.go": mainGo, "a/native.go": "//go:build amd64.v3\n\npackage main\n", "b/x/main.go": mainGo, "b/lib/lib.go": libGo,
	}
	targets := []scan.Target{{GOOS: "linux", GOARCH: "arm64"}, {GOOS: "linux", GOARCH: "amd64"}}
	first, err := json.Marshal(scanned(t, tree.write(t), targets...))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]string{"GOOS": "plan9", "GOARCH": "386", "CGO_ENABLED": "1", "GOFLAGS": "-tags=pro", "GOWORK": "off"} {
		t.Setenv(k, v)
	}
	second, err := json.Marshal(scanned(t, tree.write(t), targets...))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Errorf("two scans differ:\n%s\n%s", first, second)
	}
}

func TestModuleOf(t *testing.T) {
	facts := &scan.Facts{Modules: []scan.Module{{Dir: "a"}, {Dir: "a/b"}}}
	for dir, want := range map[string]string{"a": "a", "a/x": "a", "a/b/c/d": "a/b", "ab": "", ".": "", "x/a": ""} {
		if got := facts.ModuleOf(dir); got != want {
			t.Errorf("%s is in module %q, want %q", dir, got, want)
		}
	}
}

// FuzzDir checks that no content of a file makes a scan fail or panic.
func FuzzDir(f *testing.F) {
	f.Add(goMod, "go 1.26\n\nuse .\n", mainGo, "# x\n")
	f.Add("module x\nignore (\n\t./\n\t.\n\t..\n)\ntoolchain \"\n", "use \"\"\n", "//go:build (\n\npackage main\n\nimport \"C\"\n", "## workspace;")
	f.Add("toolchain\nmodule\n", "\x00", "package lib\n\nimport _ \"embed\"\n\n//go:embed \" ` ! [\nvar x string\n", "")
	f.Fuzz(func(t *testing.T, goMod, goWork, source, modulesTxt string) {
		root := files{"go.mod": goMod, "go.work": goWork, "a.go": source, "a/a.go": source, "vendor/modules.txt": modulesTxt}.write(t)
		facts := scanned(t, root)
		if _, err := json.Marshal(facts); err != nil {
			t.Error(err)
		}
	})
}

// TestOutside has the modules that are replaced by directories above the tree.
func TestOutside(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/go.mod": "module example.com/a\n\ngo 1.26\n\nreplace (\n\texample.com/in => ../in\n\texample.com/out v1.0.0 => ../../out\n\texample.com/far => example.com/near v1.0.0\n\texample.com/abs => /abs\n)\n",
		"go.work":  "go 1.26\n\nuse ./a\n\nreplace example.com/up => ../up/x\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	facts, err := scan.Dir(dir, scan.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]scan.Outside{{Path: "example.com/out", Dir: "../out"}}, facts.Modules[0].Outside); diff != "" {
		t.Errorf("go.mod (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]scan.Outside{{Path: "example.com/up", Dir: "../up/x"}}, facts.Work.Outside); diff != "" {
		t.Errorf("go.work (-want +got)\n%s", diff)
	}
}
