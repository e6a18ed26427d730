package gen

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/golden"
)

// TestExamples holds the bake files, the pipelines and the explanation of every example: adding a
// folder adds a test.
func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob("../../examples/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Chdir(dir)
			cache := "--cache=ghcr.io/acme/" + filepath.Base(dir) + ":buildcache"
			for file, args := range map[string][]string{
				"docker-bake.json": {"bake", cache},
				"docker-bake.hcl":  {"bake", "--hcl", cache},
				"github.yml":       {"ci", "github", cache},
				"gitlab.yml":       {"ci", "gitlab", cache},
				"explain.txt":      {"explain"},
			} {
				code, out, messages := run(t, "", args...)
				if code != 0 {
					t.Fatalf("%q: exit code %d\n%s", args, code, messages)
				}
				golden.Equal(t, filepath.Join("want", file), []byte(out))
			}
		})
	}
}

// TestActionlint lints the workflows of all examples, of each kind.
func TestActionlint(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "examples", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	out := t.TempDir()
	var files []string
	for _, dir := range dirs {
		t.Chdir(dir)
		for kind, args := range map[string][]string{"bake": nil, "cold": nil, "split": {"--split", "platform"}, "host": {"--host"}} {
			file := filepath.Join(out, filepath.Base(dir)+"-"+kind+".yml")
			args = append([]string{"ci", "github", "-o", file}, args...)
			if kind != "cold" {
				args = append(args, "--cache", "ghcr.io/acme/x:y")
			}
			code, _, messages := run(t, "", args...)
			if filepath.Base(dir) == "cgo" && kind == "host" {
				if code != 2 || !strings.Contains(messages, "build with containers") {
					t.Errorf("C without containers: exit code %d, %s", code, messages)
				}
				continue
			}
			if code != 0 {
				t.Fatalf("%q: exit code %d\n%s", args, code, messages)
			}
			files = append(files, file)
		}
	}
	lint := func(files ...string) (string, error) {
		args := []string{"tool", "-modfile=" + filepath.Join(root, "tools/actionlint/go.mod"), "actionlint", "-shellcheck=", "-pyflakes="}
		cmd := exec.CommandContext(t.Context(), "go", append(args, files...)...)
		cmd.Dir = root
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	if said, err := lint(files...); err != nil || len(files) < 20 {
		t.Errorf("%d workflows: %v\n%s", len(files), err, said)
	}
	bad := filepath.Join(out, "bad.yml")
	if err := os.WriteFile(bad, []byte("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := lint(bad); err == nil || !strings.Contains(said, "untrusted") {
		t.Errorf("actionlint finds nothing: %v %s", err, said)
	}
}

// TestBakeCommand holds what the options of bake and ci do, and where messages go.
func TestBakeCommand(t *testing.T) {
	private := with(with(hello(), "xbuild.yaml", "go: {private: {git.example.com: {ssh: default}, a.example.com: {secret: github-app}}}\n"), "go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire git.example.com/x v1.0.0\n")
	for _, tt := range []struct {
		name       string
		args       []string
		files      map[string]string
		stdin      string
		code       int
		out, notes string // parts of the data and of the messages
	}{
		{name: "JSON", args: []string{"bake"}, files: hello(), out: `"dockerfile": "xbuild.yaml"`},
		{name: "HCL", args: []string{"bake", "--hcl"}, files: hello(), out: `dockerfile = "xbuild.yaml"`},
		{name: "format", args: []string{"bake", "--format", "hcl"}, files: hello(), out: `target "hello" {`},
		{name: "bad format", args: []string{"bake", "--format", "xml"}, files: hello(), code: 2, notes: "want json or hcl"},
		{name: "platforms", args: []string{"bake", "--hcl", "--platform", "linux/riscv64"}, files: hello(), out: `platforms = ["linux/riscv64"]`},
		{name: "spec elsewhere", args: []string{"bake", "-f", "../spec.yaml", "--hcl"}, files: with(hello(), "../spec.yaml", ""), out: `dockerfile = "../spec.yaml"`, notes: "--allow fs.read=../spec.yaml"},
		{name: "standard input", args: []string{"bake", "-f", "-", "--hcl"}, files: hello(), stdin: "# syntax=acme/xbuild\nname: x\n", out: `dockerfile-inline = "# syntax=acme/xbuild\nname: x\n"`},
		{name: "agents", args: []string{"bake", "--hcl"}, files: private, out: `ssh`, notes: "--allow ssh"},
		{name: "no image for macOS", args: []string{"bake"}, files: with(hello(), "xbuild.yaml", "platforms: [linux/amd64, darwin/arm64]\n"), out: `"darwin/arm64"`, notes: `image "hello" is not built for darwin/arm64`},
		{name: "bad split", args: []string{"bake", "--split", "image"}, files: hello(), code: 2, notes: "want platform"},
		{name: "bad cache", args: []string{"bake", "--cache", "A B"}, files: hello(), code: 2, notes: "invalid reference"},
		{name: "mistakes", args: []string{"bake"}, files: with(hello(), "xbuild.yaml", "images: {a.b: {}, a_b: {}}\n"), code: 1, notes: "xbuild.yaml:1:"},
		{name: "not up to date", args: []string{"bake", "--check", "-o", "old.json"}, files: with(hello(), "old.json", "{\n"), code: 1, notes: "old.json is out of date", out: "--- old.json"},
		{name: "nothing to check", args: []string{"bake", "--check"}, files: hello(), code: 1, notes: "docker-bake.json is not there"},
		{name: "GitHub", args: []string{"ci", "github", "--branch", "trunk", "--cache", "ghcr.io/a/b"}, files: with(hello(), "docker-bake.json", "{}"), out: "branches: [trunk]"},
		{name: "cold", args: []string{"ci", "github"}, files: with(hello(), "docker-bake.json", "{}"), out: "docker buildx bake", notes: "no cache is kept"},
		{name: "no bake file", args: []string{"ci", "gitlab", "--cache", "ghcr.io/a/b"}, files: hello(), out: "docker buildx bake", notes: "gen bake -o docker-bake.json"},
		{name: "secrets", args: []string{"ci", "github"}, files: with(private, "docker-bake.json", "{}"), out: "GITHUB_APP: ${{ secrets.GH_APP }}", notes: "secrets of the repository: GH_APP, SSH_PRIVATE_KEY"},
		{name: "host", args: []string{"ci", "gitlab", "--host"}, files: hello(), out: "go build -trimpath"},
		{name: "bad parallel", args: []string{"ci", "github", "--max-parallel", "0"}, files: hello(), code: 2, notes: "--max-parallel"},
		{name: "no forge", args: []string{"ci"}, files: hello(), out: "github"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root := dir(t, nil)
			for name, text := range tt.files {
				file := filepath.Join(root, "p", name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(filepath.Join(root, "p"))
			code, out, messages := run(t, tt.stdin, tt.args...)
			if code != tt.code || !strings.Contains(out, tt.out) || tt.out == "" && out != "" || !strings.Contains(messages, tt.notes) {
				t.Errorf("exit code %d, want %d\n%s\n%s", code, tt.code, out, messages)
			}
			if tt.code == 0 && tt.notes == "" && messages != "" {
				t.Errorf("messages: %s", messages)
			}
		})
	}
}

// TestCheckIsQuiet holds that a file which is up to date is no news.
func TestCheckIsQuiet(t *testing.T) {
	t.Chdir(dir(t, hello()))
	for range 2 {
		code, out, messages := run(t, "", "bake", "-o", "docker-bake.json")
		if code != 0 || out+messages != "" {
			t.Fatalf("exit code %d: %s%s", code, out, messages)
		}
		if code, out, messages = run(t, "", "bake", "--check", "-o", "docker-bake.json"); code != 0 || out+messages != "" {
			t.Fatalf("check: exit code %d: %s%s", code, out, messages)
		}
	}
}
