package gen

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRootDockerfile holds that the repository's Dockerfile is what its spec gives.
func TestRootDockerfile(t *testing.T) {
	want, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	code, out, messages := run(t, "", "dockerfile", "../..")
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, messages)
	}
	if diff := cmp.Diff(string(want), out); diff != "" {
		t.Errorf("Dockerfile is not what xbuild.yaml gives (go run ./cmd/gen dockerfile -o Dockerfile):\n%s", diff)
	}
}

// TestUnsaid holds that what a Dockerfile can't say is refused with its place, and that what it
// leaves out without harm is named.
func TestUnsaid(t *testing.T) {
	tests := []struct{ name, spec, message string }{
		{"line break", `images: {hello: {labels: {A: "a\nb"}}}`, "a line break"},
		{"build arg in a command", "args: {x: y}\nimages: {hello: {cmd: [\"{{.Args.x}}\"]}}", "replaces no build args in a command"},
		{"capabilities", "images: {hello: {capabilities: {/usr/local/bin/hello: cap_net_bind_service=+ep}}}", "xbuild.yaml:1:"},
		{"part of a version", "images: {hello: {labels: {v: \"{{slice .Revision 0 7}}\"}}}", "xbuild.yaml:1:"},
		{"a version that decides", "build: {ldflags: [\"-X main.v={{if .Version}}{{.Version}}{{else}}none{{end}}\"]}", "whole values"},
		{"zig", "binaries: {hello: {main: ., cgo: {cc: zig}}}", "cgo.cc: zig"},
		{"snapshot", "binaries: {hello: {main: ., cgo: {snapshot: 20260801T000000Z}}}", "cgo.snapshot"},
		{"hosts with a port", "go: {private: {\"example.com:8443\": {secret: x}}}", "usual port"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := with(with(hello(), "xbuild.yaml", tt.spec), "go.mod", "module example.com/hello\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n")
			code, out, messages := run(t, "", "dockerfile", dir(t, files))
			if code != 1 || out != "" || !strings.Contains(messages, tt.message) || !strings.Contains(messages, "[not-in-dockerfile]") {
				t.Errorf("exit code %d, messages %q, want 1 and %q", code, messages, tt.message)
			}
		})
	}
	code, out, messages := run(t, "", "dockerfile", dir(t, with(hello(), "xbuild.yaml", "images: {hello: {annotations: {a: b}}}")))
	if code != 0 || !strings.Contains(out, "FROM scratch AS hello") || !strings.Contains(messages, "annotations") {
		t.Errorf("exit code %d, messages %q", code, messages)
	}
}
