package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMake holds what make writes where, what it warns about, and what --check answers.
func TestMake(t *testing.T) {
	root := dir(t, with(hello(), "xbuild.yaml", "# syntax=acme/xbuild\ngo: {version: \"1.26\"}\n"))
	file := filepath.Join(root, "Makefile")
	code, out, messages := run(t, "", "make", root)
	if code != 0 || !strings.Contains(out, "dist/hello-linux-arm64:") {
		t.Fatalf("exit code %d, %s\n%s", code, messages, out)
	}
	if want := "warning: " + filepath.Join(root, "xbuild.yaml") + ":2:15: the Makefile compiles with the machine's own Go"; !strings.HasPrefix(messages, want) {
		t.Errorf("messages are %q, want %q", messages, want)
	}
	for _, tt := range []struct {
		name    string
		args    []string
		code    int
		out     string // that is in the data; "" for none at all
		message string
	}{
		{"no file", []string{"--check"}, 1, "", "Makefile is not there"},
		{"written", []string{"-o", file}, 0, "", "warning: "},
		{"up to date", []string{"--check"}, 0, "", ""},
		{"up to date, by its name", []string{"--check", "-o", file}, 0, "", ""},
		{"another platform", []string{"--check", "--platform", "linux/riscv64"}, 1, "\n+# linux/riscv64\n", "Makefile is out of date; gen make writes it"},
		{"another file", []string{"--check", "-o", filepath.Join(root, "other.mk")}, 1, "", "other.mk is not there"},
	} {
		code, out, messages := run(t, "", append([]string{"make", root}, tt.args...)...)
		if code != tt.code || !strings.Contains(out, tt.out) || tt.out == "" && out != "" || !strings.Contains(messages, tt.message) || tt.message == "" && messages != "" {
			t.Errorf("%s: exit code %d, data %q, messages %q", tt.name, code, out, messages)
		}
	}
	if err := os.WriteFile(file, []byte("all:\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := run(t, "", "make", root, "--check"); code != 1 || !strings.Contains(out, "\n-all:\n") {
		t.Errorf("another text: exit code %d, %s", code, out)
	}
}
