package gen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const (
	untidy = "# syntax = acme/xbuild\nbinaries:\n    a:   ./a   # the first\n"
	tidy   = "# syntax = acme/xbuild\nbinaries:\n  a: ./a     # the first\n"

	untidyDiff = `diff xbuild.yaml xbuild.yaml
--- xbuild.yaml
+++ xbuild.yaml
@@ -1,3 +1,3 @@
 # syntax = acme/xbuild
 binaries:
-    a:   ./a   # the first
+  a: ./a     # the first
`
)

// TestFmt holds what fmt writes where, and the exit code.
func TestFmt(t *testing.T) {
	bad := "a: b\n"
	tests := []struct {
		name, file, stdin string
		args              []string
		code              int
		out, message      string
		left              string // in the file
	}{
		{name: "to standard output", file: untidy, out: tidy, left: untidy},
		{name: "by name", file: untidy, args: []string{"xbuild.yaml"}, out: tidy, left: untidy},
		{name: "standard input", file: untidy, stdin: "platforms:   [  ]", args: []string{"-"}, code: 1, message: "stdin:1:14: ", left: untidy},
		{name: "standard input to output", file: untidy, stdin: untidy, args: []string{"-"}, out: tidy, left: untidy},
		{name: "write", file: untidy, args: []string{"-w"}, left: tidy},
		{name: "write standard input", file: untidy, args: []string{"-w", "-"}, code: 2, message: "--write", left: untidy},
		{name: "check", file: untidy, args: []string{"--check"}, code: 1, out: untidyDiff, message: "xbuild.yaml is laid out otherwise\n", left: untidy},
		{name: "check what is fine", file: tidy, args: []string{"--check"}, left: tidy},
		{name: "mistakes", file: bad, args: []string{"-w"}, code: 1, message: "xbuild.yaml:1:1: ", left: bad},
		{name: "no such file", file: tidy, args: []string{"nowhere.yaml"}, code: 2, message: "nowhere.yaml", left: tidy},
		{name: "a form that is refused", file: "? name\n: x\n", args: []string{"-w"}, code: 2, message: "line 1: this form of YAML", left: "? name\n: x\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(dir(t, with(hello(), "xbuild.yaml", tt.file)))
			code, out, messages := run(t, tt.stdin, append([]string{"fmt"}, tt.args...)...)
			if code != tt.code || !strings.Contains(messages, tt.message) || tt.message == "" && messages != "" {
				t.Errorf("exit code %d, want %d; messages %q, want %q", code, tt.code, messages, tt.message)
			}
			if diff := cmp.Diff(tt.out, out); diff != "" {
				t.Error(diff)
			}
			left, err := os.ReadFile("xbuild.yaml")
			if diff := cmp.Diff(tt.left, string(left)); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// TestFmtOwn holds that the specs of this repository are laid out so.
func TestFmtOwn(t *testing.T) {
	for _, file := range ownSpecs(t, "../../xbuild.yaml", "../../examples/*/xbuild.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := format(file, data)
		if diff := cmp.Diff(string(data), string(got)); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", file, err, diff)
		}
	}
}

// TestFmtGood holds that every form of a spec that the parser's tests have can be laid out.
func TestFmtGood(t *testing.T) {
	for _, file := range ownSpecs(t, "../../spec/testdata/good/*.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := format(file, data); err != nil {
			t.Error(err)
		}
	}
}

// TestFmtIndentation holds that the same spec with other indentation is laid out the same.
func TestFmtIndentation(t *testing.T) {
	for _, file := range ownSpecs(t, "../../xbuild.yaml", "../../examples/*/xbuild.yaml", "../../spec/testdata/good/*.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := format(file, data)
		if err != nil {
			t.Fatal(err)
		}
		var other strings.Builder
		for line := range strings.Lines(string(want)) {
			text := strings.TrimLeft(line, " ")
			if strings.HasPrefix(text, "- ") {
				text = "-    " + text[2:] // what follows on further lines is 3 deeper
			}
			other.WriteString(strings.Repeat(" ", (len(line)-len(strings.TrimLeft(line, " ")))*5/2) + text)
		}
		got, err := format(file, []byte(other.String()))
		if err != nil {
			t.Errorf("%v\n%s", err, other.String())
			continue
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s:\n%s", file, diff)
		}
	}
}

func ownSpecs(t testing.TB, patterns ...string) (files []string) {
	t.Helper()
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d files, %v", p, len(found), err)
		}
		files = append(files, found...)
	}
	return files
}

// FuzzFmt holds that what is laid out is the same spec, with the same comments, stays as it is,
// and keeps a first line that is a comment.
func FuzzFmt(f *testing.F) {
	for _, file := range ownSpecs(f, "../../xbuild.yaml", "../../examples/*/xbuild.yaml", "../../spec/testdata/good/*.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, text := range []string{
		untidy, "name: |2-\n    x\n", "args: {a: 'b\n\n  c', ? d : e}\n", "args: &a\n  b: \"c\\\n   d\"\nbuild: {env: *a}\n",
		"args:\n  a: >+\n\n   b\n\n", "binaries:\n - a\n", "\ufeff#x\r\nargs:\r\n    a: b # c\r\n", "args: {\"a\":b,*c :d}\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		before, err := spec.Parse("x", []byte(text))
		if err != nil {
			return
		}
		out, err := format("x", []byte(text))
		if err != nil {
			return // left as it is
		}
		after, err := spec.Parse("x", out)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(before, after, cmpopts.IgnoreUnexported(spec.Spec{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
		again, err := format("x", out)
		if diff := cmp.Diff(string(out), string(again)); diff != "" || err != nil {
			t.Fatalf("laid out again: %v\n%s", err, diff)
		}
		first, _, _ := strings.Cut(text, "\n")
		first, _, _ = strings.Cut(first, "\r")
		if strings.HasPrefix(first, "#") && !strings.HasPrefix(string(out), first) {
			t.Fatalf("the first line was %q:\n%s", first, out)
		}
	})
}
