package gen

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// run gives what a command line answers, with a standard input.
func run(t *testing.T, stdin string, args ...string) (code int, out, messages string) {
	t.Helper()
	var o, m bytes.Buffer
	code = Main(args, strings.NewReader(stdin), &o, &m)
	return code, o.String(), m.String()
}

// dir makes a directory with files, by their names.
func dir(t *testing.T, files map[string]string) string {
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

// hello are the files of a program that can be planned.
func hello() map[string]string {
	return map[string]string{
		"go.mod":      "module example.com/hello\n\ngo 1.26\n",
		"main.go":     "package main\n\nfunc main() {}\n",
		"xbuild.yaml": "# syntax=acme/xbuild\n",
	}
}

// built is the raw progress of a build.
const built = `{"vertexes":[{"digest":"a","name":"[x] y","started":"2026-01-01T12:00:00Z","completed":"2026-01-01T12:00:01Z"}]}` + "\n"

func with(files map[string]string, name, text string) map[string]string {
	files[name] = text
	return files
}

// TestExitCodes holds what a script may rely on: the code, and that data and messages go to
// different places.
func TestExitCodes(t *testing.T) {
	bad := with(hello(), "xbuild.yaml", "platfroms: []\n")
	tests := []struct {
		name    string
		args    []string // CONTEXT stands for the directory
		files   map[string]string
		stdin   string
		code    int
		out     string // that is in the data; "" for none at all
		message string // that is in the messages
	}{
		{name: "fine", args: []string{"explain", "CONTEXT"}, files: hello(), out: "[hello linux/arm64] compile"},
		{name: "a platform", args: []string{"explain", "--platform", "linux/riscv64", "CONTEXT"}, files: hello(), out: "[hello linux/riscv64] compile"},
		{name: "standard input", args: []string{"explain", "-f", "-", "CONTEXT"}, files: hello(), stdin: "name: other\n", out: "[other linux/arm64] compile"},
		{name: "mistakes", args: []string{"explain", "CONTEXT"}, files: bad, code: 1, message: `xbuild.yaml:1:1: unknown key "platfroms" (did you mean "platforms"?) [unknown-key]`},
		{name: "mistakes on standard input", args: []string{"explain", "-f", "-", "CONTEXT"}, files: hello(), stdin: "nmae: x", code: 1, message: "stdin:1:1: "},
		{name: "unknown target", args: []string{"explain", "--target", "hallo", "CONTEXT"}, files: hello(), code: 1, message: `(did you mean "hello"?)`},
		{name: "no spec", args: []string{"explain", "CONTEXT"}, files: map[string]string{"Dockerfile": "FROM scratch\n"}, code: 2, message: "no spec in"},
		{name: "no such file", args: []string{"explain", "-f", "nowhere.yaml"}, code: 2, message: "nowhere.yaml"},
		{name: "no such directory", args: []string{"explain", "nowhere"}, code: 2, message: "nowhere"},
		{name: "unknown option", args: []string{"explain", "--plaform", "x"}, code: 2, message: "--plaform"},
		{name: "unknown command", args: []string{"explian"}, code: 2, message: "explain"},
		{name: "bad platform", args: []string{"explain", "--platform", "linux/a/b/c", "CONTEXT"}, files: hello(), code: 2, message: "--platform"},
		{name: "graph", args: []string{"graph", "CONTEXT"}, files: hello(), out: "<title id=\"title\">hello of hello</title>"},
		{name: "graph as DOT", args: []string{"graph", "--format", "dot", "CONTEXT"}, files: hello(), out: "digraph {"},
		{name: "graph as Mermaid", args: []string{"graph", "--format", "mermaid", "--collapse", "platforms", "CONTEXT"}, files: hello(), out: "compile hello<br/>× 2 platforms"},
		{name: "graph of a bad spec", args: []string{"graph", "CONTEXT"}, files: bad, code: 1, message: "[unknown-key]"},
		{name: "graph in no format", args: []string{"graph", "--format", "png", "CONTEXT"}, files: hello(), code: 2, message: "svg, dot, mermaid"},
		{name: "graph collapsed in no way", args: []string{"graph", "--collapse", "all", "CONTEXT"}, files: hello(), code: 2, message: "auto, none, platforms, binaries"},
		{name: "report", args: []string{"report"}, stdin: built, out: "Built in 1.0 s"},
		{name: "report of -", args: []string{"report", "-", "--title", "<x>"}, stdin: built, out: "<title>&lt;x&gt;</title>"},
		{name: "report of a file", args: []string{"report", "CONTEXT/build.json"}, files: map[string]string{"build.json": built}, out: "Built in 1.0 s"},
		{name: "report of a build that was killed", args: []string{"report"}, stdin: built + built[:50], out: "Not finished"},
		{name: "report of a broken line", args: []string{"report"}, stdin: built + "{]\n", code: 2, message: "stdin: line 2 "},
		{name: "report of another file", args: []string{"report"}, stdin: "#1 DONE\n", code: 2, message: "--progress=rawjson"},
		{name: "report of no file", args: []string{"report", "nowhere.json"}, code: 2, message: "nowhere.json"},
		{name: "version", args: []string{"--version"}, out: "gen version "},
		{name: "help", args: []string{"--help"}, out: "Available Commands"},
		{name: "what .dockerignore leaves out", args: []string{"explain", "CONTEXT"}, files: with(with(hello(), ".dockerignore", "cmd\n"), "cmd/b/main.go", "package main\n"), out: "[hello linux/arm64] compile"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := dir(t, tt.files)
			var args []string
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "CONTEXT", root))
			}
			code, out, messages := run(t, tt.stdin, args...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d; messages:\n%s", code, tt.code, messages)
			}
			if !strings.Contains(out, tt.out) || tt.out == "" && out != "" {
				t.Errorf("data is %q, want it to have %q", out, tt.out)
			}
			if !strings.Contains(messages, tt.message) || tt.message == "" && messages != "" {
				t.Errorf("messages are %q, want them to have %q", messages, tt.message)
			}
		})
	}
}

// TestHelp holds that every command says what it does, with examples of it.
func TestHelp(t *testing.T) {
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
		if !cmd.Runnable() {
			return
		}
		if cmd.Short == "" || cmd.Example == "" {
			t.Errorf("%s: no short help, or no example", cmd.CommandPath())
		}
	}
	visit(rootCommand())
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if code, out, messages := run(t, "", "completion", shell); code != 0 || !strings.Contains(out, "gen") {
			t.Errorf("completion %s: exit code %d, %d bytes, %s", shell, code, len(out), messages)
		}
	}
}

// TestReplaceFile holds that a file is written whole, keeps its mode, and is left alone when
// it is right already.
func TestReplaceFile(t *testing.T) {
	name := filepath.Join(dir(t, map[string]string{"out": "old"}), "out")
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if after.Mode().Perm() != 0o600 || !os.SameFile(before, after) {
		t.Errorf("mode %v, replaced again: %t", after.Mode().Perm(), !os.SameFile(before, after))
	}
	if left, _ := filepath.Glob(name + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
