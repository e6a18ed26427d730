package makefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/golden"
	"github.com/acme/xbuild/internal/makefile"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

var (
	amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	arm64 = ocispecs.Platform{OS: "linux", Architecture: "arm64"}
)

func request(platforms ...ocispecs.Platform) plan.Request {
	return plan.Request{BuildPlatform: amd64, Platforms: platforms}
}

func mustParse(t testing.TB, name, text string) *spec.Spec {
	t.Helper()
	s, err := spec.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// facts are those of a module at the root and one in svc, with main packages.
func facts(mains ...string) *scan.Facts {
	f := &scan.Facts{Modules: []scan.Module{{Dir: ".", Path: "example.com/shop/v2", Go: "1.26"}, {Dir: "svc", Path: "example.com/svc", Go: "1.26"}}}
	for _, dir := range mains {
		f.Mains = append(f.Mains, scan.Main{Dir: dir, Module: f.ModuleOf(dir)})
	}
	return f
}

// makefileOf gives the Makefile of the project in a directory.
func makefileOf(t testing.TB, dir string, req plan.Request) string {
	t.Helper()
	name := filepath.Join(dir, "xbuild.yaml")
	if _, err := os.Stat(name); err != nil {
		name = filepath.Join(dir, "Dockerfile")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s := mustParse(t, filepath.Base(name), string(data))
	f, err := scan.Dir(dir, plan.ScanRequest(s, req))
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := makefile.Emit(s, f, req)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestExamples holds the Makefile of every example: adding a folder adds a test.
func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("../../examples/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			golden.Equal(t, filepath.Join(dir, "want", "Makefile"), []byte(makefileOf(t, dir, request(amd64, arm64))))
		})
	}
}

// stamps is a spec with templates, quotes, C and two modules.
func stamps(t testing.TB) (*spec.Spec, *scan.Facts) {
	data, err := os.ReadFile("testdata/stamps.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, "x.yaml", string(data)), facts("cmd/lib", "cmd/notes", "cmd/shop", "svc/cmd/other", "svc/cmd/tool")
}

func TestStamps(t *testing.T) {
	s, f := stamps(t)
	req := request(amd64, arm64)
	req.Args = map[string]string{"channel": "beta"}
	text, warnings, err := makefile.Emit(s, f, req)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/stamps.mk", text)
	if want := `x.yaml:10:35: binary "notes" needs libsqlite3-dev, which the machine must have [host-build]`; !strings.Contains(warnings.Error(), want) {
		t.Errorf("warnings are\n%s\nwant\n%s", warnings.Error(), want)
	}
}

// TestRefused has what a Makefile can't say.
func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spec  string
		mains []string
		want  string
	}{
		{"a function of a value", "build: {ldflags: ['-X main.v={{printf \"%.3s\" .Version}}']}", nil, `x.yaml:1:19: "-X main.v={{printf`},
		{"a part of a value", "build: {ldflags: ['-X main.v={{slice .Version 0 1}}']}", nil, "no-make-text"},
		{"a condition on an arg", "args: {c: stable}\nbuild: {env: {V: '{{if eq .Args.c \"beta\"}}x{{end}}'}}", nil, "x.yaml:2:18: "},
		{"a condition on a revision", "binaries: {app: {main: ., ldflags: ['{{if .Revision}}-Xmain.r=1{{end}}']}}", nil, "no-make-text"},
		{"with", "binaries: {app: {main: ., overrides: [{platform: linux, ldflags: ['-X main.r={{with .Version}}{{.}}{{end}}']}]}}", nil, "x.yaml:1:67: "},
		{"a variable of the template", "build: {ldflags: ['-Xmain.v={{$v := .Version}}{{$v}}']}", nil, "no-make-text"},
		{"all args", "args: {a: b}\nbuild: {ldflags: ['-X main.v={{.Args}}']}", nil, "no-make-text"},
		{"a word that may be empty", "args: {extra: ''}\nbuild: {ldflags: ['{{.Args.extra}}']}", nil, "for every value"},
		{"quotes in an arg", "args: {a: it's}\nbuild: {ldflags: ['-X main.v={{.Args.a}}']}", nil, "x.yaml:1:11: the Makefile takes no quotes in ARG_a"},
		{"a line break in an arg", "args: {a: \"b\\nc\"}\nbuild: {ldflags: ['-X main.v={{.Args.a}}']}", nil, "a line break in ARG_a"},
		{"a line break in a flag", "build: {flags: [\"-run=a\\nb\"]}", nil, "line break"},
		{"a name", "", []string{"cmd/a b", "cmd/c"}, `make has no target "dist/a b-linux-amd64"`},
		{"a name that make expands", "", []string{"cmd/$(shell touch x)", "cmd/c"}, "no-make-target"},
		{"a package that go refuses", "binaries: {app: './cmd/a:b'}", []string{"cmd/a:b"}, `go takes no package "./cmd/a:b"`},
		{"two C compilers", "binaries: {a: {main: ., cgo: {cc: gcc}}, b: {main: ., cgo: {cc: clang}}}", nil, "x.yaml:1:60: binary \"b\": CC_linux_amd64 holds one"},
		{"a mistake of the spec", "build: {ldflags: ['{{.Versoin}}']}", nil, `(did you mean "Version"?) [bad-template]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mains := tt.mains
			if mains == nil {
				mains = []string{"."}
			}
			text, _, err := makefile.Emit(mustParse(t, "x.yaml", tt.spec), facts(mains...), request(amd64))
			if err == nil {
				t.Fatalf("got\n%s", text)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestSaid has templates that look refusable and are not.
func TestSaid(t *testing.T) {
	for text, want := range map[string]string{
		`-X main.os={{if eq .OS "windows"}}win{{else}}{{printf "%.3s" .OS}}{{end}}`: `-X main.os=lin'`,
		`-X main.d={{.Dirty}}`:                       `-X main.d=true'`,
		`-X "main.v={{.Version}} it's"`:              `"-ldflags=-s -w -X \"main.v=$$VERSION it's\""`,
		`-X main.v={{.Version}}{{.Revision}}`:        `-X 'main.v=$$VERSION$$REVISION'"`,
		`-X main.v={{.Version}}x`:                    `main.v=$${VERSION}x'`,
		`-X main.v={{.Args.a}}{{/* said */}}_{{""}}`: `main.v=$${ARG_a}_'`,
	} {
		s := mustParse(t, "x.yaml", "args: {a: b}\n")
		s.Build.LDFlags = []string{text}
		got, _, err := makefile.Emit(s, facts("."), request(amd64))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s: %v, want %s in\n%s", text, err, want, got)
		}
	}
}
