package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/importer"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
)

// initSpec gives the first spec of a folder.
func initSpec(t *testing.T, root string) *importer.Result {
	t.Helper()
	p, err := importer.Look(root)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "Dockerfile")
	if data, err := os.ReadFile(file); err == nil {
		p.Dockerfile = &importer.Input{File: "Dockerfile", Kind: importer.Dockerfile, Data: data, Context: os.DirFS(root)}
	}
	r, err := importer.Init(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// planAll plans every target of a spec for two platforms.
func planAll(t *testing.T, root string, data []byte) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("xbuild.yaml", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	req := plan.Request{BuildPlatform: platforms.MustParse("linux/amd64")}
	for _, name := range []string{"linux/amd64", "linux/arm64"} {
		req.Platforms = append(req.Platforms, platforms.MustParse(name))
	}
	facts, err := scan.Dir(root, plan.ScanRequest(s, req))
	if err != nil {
		t.Fatal(err)
	}
	targets, err := plan.List(s, facts, req)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if len(targets) < 6 {
		t.Errorf("only %d targets", len(targets))
	}
	for _, target := range targets {
		req.Target = target.Name
		if _, err := plan.New(s, facts, req); err != nil {
			t.Errorf("%s: %v\n%s", target.Name, err, data)
		}
	}
	req.Target = ""
	if _, err := plan.New(s, facts, req); err != nil {
		t.Errorf("without a target: %v\n%s", err, data)
	}
	return s
}

// TestInitOfPrograms holds that the first spec of every program of this repository can be planned
// whole.
func TestInitOfPrograms(t *testing.T) {
	found := 0
	for _, pattern := range []string{"../../bench/apps/*/go.mod", "../../bench/apps/*/go.work", "../../examples/*/go.mod", "../../examples/*/go.work"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found++
			dir := filepath.Dir(file)
			t.Run(filepath.ToSlash(strings.TrimPrefix(dir, "../../")), func(t *testing.T) {
				root := t.TempDir()
				if err := os.CopyFS(root, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"xbuild.yaml", "Dockerfile"} {
					if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
						t.Fatal(err)
					}
				}
				r := initSpec(t, root)
				planAll(t, root, r.Spec)
				for _, n := range r.Notes {
					t.Errorf("there is nothing to say, and it says %s", n.Format("xbuild.yaml"))
				}
			})
		}
	}
	if found < 10 {
		t.Errorf("only %d programs", found)
	}
}

// write makes a folder with files, by their names.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const program = "package main\n\nfunc main() {}\n"

// TestInit holds what a first spec says of a project with C, a private host and a Dockerfile.
func TestInit(t *testing.T) {
	root := write(t, map[string]string{
		"go.mod": "module git.corp.example/acme/shop/v2\n\ngo 1.26\n\nrequire (\n\tgit.corp.example/acme/lib v1.0.0\n\t" +
			"github.com/acme/open v1.0.0\n\tgolang.org/x/mod v0.1.0\n\tlocal.example/x v0.0.0\n)\n\nreplace local.example/x => ./x\n",
		"x/go.mod":           "module local.example/x\n",
		"x/main.go":          program,
		"cmd/shop/main.go":   program,
		"cmd/worker/main.go": program,
		"cmd/win/main.go":    "//go:build windows\n\n" + program,
		"cmd/one/main.go":    "//go:build amd64\n\n" + program,
		"tools/shop/main.go": program,
		"db/c.go":            "package db\n\nimport \"C\"\n",
		"web/index.html":     "",
		"Dockerfile": `FROM golang:1.99 AS build
COPY . /src
WORKDIR /src
ARG VERSION
RUN CGO_ENABLED=1 go build -tags extra -ldflags "-X main.v=$VERSION" -o /bin/shop ./cmd/shop
FROM debian:13-slim
COPY --from=build /bin/shop /bin/shop
COPY web /srv/web/
ENV MODE=fast
EXPOSE 8080
USER 1000
LABEL team=shop
HEALTHCHECK CMD ["/bin/shop", "health"]
ENTRYPOINT ["/bin/shop"]
CMD ["serve"]
`,
	})
	r := initSpec(t, root)
	planAll(t, root, r.Spec)
	golden(t, "testdata/init.yaml", string(r.Spec))
	var report strings.Builder
	for _, n := range r.Notes {
		report.WriteString(n.Format("Dockerfile") + "\n")
	}
	golden(t, "testdata/init.txt", report.String())

	var lines []string
	inGo := false
	for line := range strings.SplitSeq(string(r.Spec), "\n") {
		inGo = strings.HasPrefix(line, "# go:") || inGo && strings.HasPrefix(line, "#   ")
		if inGo {
			line = strings.TrimPrefix(line, "# ")
		}
		lines = append(lines, line)
	}
	s, err := spec.Parse("xbuild.yaml", []byte(strings.Join(lines, "\n")))
	if err != nil || s.Go.Private["git.corp.example"].Secret == "" || len(s.Go.Private) != 1 {
		t.Errorf("without its comment sign go.private is wrong: %v, %v", err, s)
	}
}

// TestInitOfHostileNames holds that no name of a folder or module breaks out of the spec.
func TestInitOfHostileNames(t *testing.T) {
	names := []string{
		"a b", "a'b", `a"b`, "a\nb: c", "$(x)", "`x`", "{{.X}}", "# c", "- d", "[x]", "*", "...", "test", "Test", "ä", "\x7f", "\u202e", "\u2028", "EOF", "</script>", "-", "null", "true", "1e3", "~",
		strings.Repeat("long", 40),
	}
	files := map[string]string{"go.mod": "module example.com/'x\"y\n\ngo 1.26\n"}
	for _, n := range names {
		files[filepath.Join("cmd", n, "main.go")] = program
		files[filepath.Join("lib", n, "c.go")] = "package lib\n\nimport \"C\"\n"
	}
	files["cmd/good/main.go"] = program
	root := write(t, files)
	r := initSpec(t, root)
	s, err := spec.Parse("xbuild.yaml", r.Spec)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Spec)
	}
	mains := map[string]bool{}
	for _, b := range s.Binaries {
		mains[b.Main] = true
	}
	for _, n := range []string{"a b", "a'b", `a"b`, "$(x)", "`x`", "# c", "- d", "test", "Test", "ä", "</script>", "-", "null", "1e3", "good"} {
		if !mains["./cmd/"+n] {
			t.Errorf("no binary is of %q", n)
		}
	}
	for _, n := range r.Notes {
		if text := n.Format("x\x1b\n"); strings.ContainsAny(text, "\n\x1b\x7f\u202e\u2028") {
			t.Errorf("a message breaks the terminal: %q", text)
		}
	}
	if strings.Contains(string(r.Spec), "c: d") {
		t.Errorf("a name broke out:\n%s", r.Spec)
	}
}

func TestInitOfNothing(t *testing.T) {
	p, err := importer.Look(write(t, map[string]string{"go.mod": "module x\n", "a.go": "package a\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := importer.Init(p); err == nil {
		t.Errorf("there is no program, and the spec is %s", r.Spec)
	}
}
