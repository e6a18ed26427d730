package gen

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/spec"
)

// TestImport holds what import writes where, and its exit codes.
func TestImport(t *testing.T) {
	root := dir(t, map[string]string{
		"go.mod":                "module example.com/hello\n\ngo 1.26\n",
		"main.go":               "package main\n\nfunc main() {}\n",
		".ko.yaml":              "defaultBaseImage: alpine:3.22\nbad: 1\n",
		".goreleaser.yaml":      "builds:\n  - hooks: {pre: make}\n",
		"build/Dockerfile.prod": "FROM golang:1.26 AS b\nCOPY . .\nRUN go build -o /x .\nFROM scratch\nCOPY --from=b /x /x\n",
		"broken.goreleaser.yml": "",
		"goreleaser.yml":        "a: [",
		"other.txt":             "FROM scratch\n",
	})
	tests := []struct {
		name, file string
		args       []string
		code       int
		out        string // that is in the data; "" for none at all
		message    string // that is in the messages, before which the folder stands
	}{
		{name: "ko", file: ".ko.yaml", out: "hello:\n    base: alpine:3.22", message: ".ko.yaml:2: bad: not taken: "},
		{name: "goreleaser", file: ".goreleaser.yaml", out: "hello:\n    main: .", message: ".goreleaser.yaml:2: builds[0].hooks.pre: not taken: xbuild runs no commands"},
		{name: "dockerfile", file: "build/Dockerfile.prod", args: []string{"--context", root}, out: "path: /x", message: "Dockerfile.prod:5: COPY /x: taken: "},
		{name: "kind", file: "other.txt", args: []string{"--kind", "dockerfile"}, out: "hello: {}", message: "other.txt:1: FROM: "},
		{name: "unknown name", file: "other.txt", code: 2, message: "can't tell by its name"},
		{name: "unknown kind", file: "other.txt", args: []string{"--kind", "make"}, code: 2, message: "can't tell by its name"},
		{name: "not YAML", file: "goreleaser.yml", code: 2, message: "not YAML"},
		{name: "no file", file: "nowhere/.ko.yaml", code: 2, message: "nowhere"},
		{name: "no folder", file: ".ko.yaml", args: []string{"--context", "nowhere"}, code: 2, message: "nowhere"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, messages := run(t, "", append([]string{"import", filepath.Join(root, tt.file)}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d; messages:\n%s", code, tt.code, messages)
			}
			if !strings.Contains(out, tt.out) || tt.out == "" && out != "" {
				t.Errorf("data is\n%s\nwant it to have %q", out, tt.out)
			}
			if !strings.Contains(messages, tt.message) {
				t.Errorf("messages are\n%s\nwant them to have %q", messages, tt.message)
			}
			if code == 0 {
				if _, err := spec.Parse("xbuild.yaml", []byte(out)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	file := filepath.Join(root, "new.yaml")
	if code, out, messages := run(t, "", "import", "-o", file, filepath.Join(root, ".ko.yaml")); code != 0 || out != "" {
		t.Errorf("exit code %d, data %q, messages %s", code, out, messages)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// TestInit holds that init writes a spec once, and that other commands read it.
func TestInit(t *testing.T) {
	files := hello()
	delete(files, "xbuild.yaml")
	tests := []struct {
		name    string
		files   map[string]string
		args    []string
		code    int
		written bool   // a new spec is there
		out     string // that is in the data; "" for none at all
		message string
	}{
		{name: "new", files: files, written: true},
		{name: "beside a Dockerfile", files: with(maps.Clone(files), "Dockerfile", "FROM alpine:3.22\nUSER 7\n"), written: true, message: "Dockerfile:2: USER: taken: "},
		{name: "an ignored program", files: with(with(maps.Clone(files), "cmd/x/main.go", "package main\n"), ".dockerignore", "cmd\n"), written: true},
		{name: "dry", files: files, args: []string{"--dry-run"}, out: "hello: ."},
		{name: "dry beside a spec", files: hello(), args: []string{"--dry-run"}, out: "hello: ."},
		{name: "there is one", files: hello(), code: 1, message: "is a spec already"},
		{name: "another name", files: with(maps.Clone(files), "xbuild.yml", "# syntax=acme/xbuild\n"), code: 1, message: "xbuild.yml is a spec already"},
		{name: "a Dockerfile that is one", files: with(maps.Clone(files), "Dockerfile", "# syntax=acme/xbuild\n"), code: 1, message: "is a spec already"},
		{name: "force", files: hello(), args: []string{"--force"}, written: true},
		{name: "nothing", files: map[string]string{"a": ""}, code: 2, message: "nothing to build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := dir(t, tt.files)
			code, out, messages := run(t, "", append([]string{"init", root}, tt.args...)...)
			if code != tt.code || !strings.Contains(messages, tt.message) || tt.message == "" && messages != "" {
				t.Errorf("exit code %d, want %d; messages:\n%s", code, tt.code, messages)
			}
			if !strings.Contains(out, tt.out) || tt.out == "" && out != "" {
				t.Errorf("data is %q, want it to have %q", out, tt.out)
			}
			data, err := os.ReadFile(filepath.Join(root, "xbuild.yaml"))
			if written := err == nil && string(data) != tt.files["xbuild.yaml"]; written != tt.written {
				t.Errorf("written is %t, %v", written, err)
			}
			if !tt.written {
				return
			}
			if code, _, messages := run(t, "", "explain", root); code != 0 {
				t.Errorf("the spec can't be read: %s\n%s", messages, data)
			}
			if strings.Contains(string(data), "cmd/x") {
				t.Errorf("what .dockerignore leaves out is in the spec:\n%s", data)
			}
		})
	}
	if code, _, messages := run(t, "", "init", "nowhere"); code != 2 {
		t.Errorf("exit code %d for no folder: %s", code, messages)
	}
}
