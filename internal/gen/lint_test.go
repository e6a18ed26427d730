package gen

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/internal/golden"
	"github.com/google/go-cmp/cmp"
)

// TestCheck holds what check says, of which kind it is, and the exit code.
func TestCheck(t *testing.T) {
	tests := []struct {
		name      string
		files     map[string]string
		args      []string
		code      int
		out, tail string
	}{
		{name: "fine", files: hello()},
		{name: "mistakes of the spec", files: with(hello(), "xbuild.yaml", "platfroms: []\nnmae: x\n"), code: 1, tail: "2 mistakes, 0 warnings\n",
			out: "xbuild.yaml:1:1: unknown key \"platfroms\" (did you mean \"platforms\"?) [unknown-key]\n" +
				"xbuild.yaml:2:1: unknown key \"nmae\" (did you mean \"name\"?) [unknown-key]\n"},
		{name: "of the plan, each once", files: with(hello(), "xbuild.yaml", "binaries: {a: ./nowhere}\n"), code: 1, tail: "1 mistake, 0 warnings\n",
			out: "xbuild.yaml:1:15: binary \"a\": ./nowhere holds no Go package; the main packages are . [no-main]\n"},
		{name: "of the plan, for some target", files: with(hello(), "xbuild.yaml", "images:\n  a: {binaries: [hello], user: root}\n  b: {labels: {x: \"{{.Versoin}}\"}}\n"), code: 1, tail: "1 mistake, 1 warning\n",
			out: "warning: xbuild.yaml:2:32: image \"a\" runs as root; set user: 65532 [root-user]\n" +
				"xbuild.yaml:3:15: there is no {{.Versoin}} (did you mean \"Version\"?) [bad-template]\n"},
		{name: "of the request", files: with(hello(), "xbuild.yaml", "platforms: [linux/arm64]\n"), args: []string{"--platform", "linux/s390x"}, code: 1, tail: "1 mistake, 0 warnings\n",
			out: "xbuild.yaml:1:12: the request asks for linux/s390x, which is not among platforms: linux/arm64 [platform-not-supported]\n"},
		{name: "a default that is none", files: with(hello(), "xbuild.yaml", "default: nowhere\n"), code: 1, tail: "1 mistake, 0 warnings\n",
			out: "xbuild.yaml:1:10: no target \"nowhere\" [unknown-target]\n"},
		{name: "several images without a default", files: with(hello(), "xbuild.yaml", "images: {a: {user: 65532}, b: {user: 65532}}\n")},
		{name: "warnings", files: with(hello(), "xbuild.yaml", "images: {a: {user: root}}\n"), tail: "0 mistakes, 1 warning\n",
			out: "warning: xbuild.yaml:1:20: image \"a\" runs as root; set user: 65532 [root-user]\n"},
		{name: "warnings count", files: with(hello(), "xbuild.yaml", "images: {a: {user: root}}\n"), args: []string{"--strict"}, code: 1, tail: "0 mistakes, 1 warning\n",
			out: "warning: xbuild.yaml:1:20: image \"a\" runs as root; set user: 65532 [root-user]\n"},
		{name: "skipped", files: with(hello(), "xbuild.yaml", "images: {a: {user: root}}\nchecks: {skip: [root-user]}\n"), args: []string{"--strict"}},
		{name: "no such format", files: hello(), args: []string{"--format", "xml"}, code: 2, tail: "gen: --format \"xml\" is none of [text json sarif]\n"},
		{name: "no platform", files: hello(), args: []string{"--platform", "a/b/c/d"}, code: 2, tail: "gen: --platform: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(dir(t, tt.files))
			code, out, messages := run(t, "", append([]string{"check"}, tt.args...)...)
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			var lines strings.Builder // without what further lines explain
			for line := range strings.Lines(out) {
				if !strings.HasPrefix(line, "  ") {
					lines.WriteString(line)
				}
			}
			if diff := cmp.Diff(tt.out, lines.String()); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(messages, tt.tail) || tt.tail == "" && messages != "" {
				t.Errorf("messages are %q, want %q", messages, tt.tail)
			}
		})
	}
}

// TestCheckJSON holds the fields that programs read.
func TestCheckJSON(t *testing.T) {
	t.Chdir(dir(t, with(hello(), "xbuild.yaml", "platfroms: []\n")))
	_, out, _ := run(t, "", "check", "--format", "json")
	want := `{
  "mistakes": 1,
  "warnings": 0,
  "findings": [
    {
      "level": "error",
      "rule": "unknown-key",
      "file": "xbuild.yaml",
      "line": 1,
      "column": 1,
      "message": "unknown key \"platfroms\"",
      "hint": "platforms"
    }
  ]
}
`
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	if _, out, _ := run(t, "name: x", "check", "--format", "json", "-f", "-"); !strings.Contains(out, `"findings": []`) {
		t.Errorf("of a fine spec: %s", out)
	}
}

// hostile are findings with what SARIF, JSON and URIs give a meaning.
func hostile() findings {
	return findings{
		{diag.Error{Pos: diag.Pos{File: "a b/ü%20#?.yaml", Line: 3, Col: 4}, Rule: "unknown-key", Msg: "[x](http://example.com) {0} {{.Version}}\n\x01</script>", Hint: `"`}, false},
		{diag.Error{Pos: diag.Pos{File: "c:d.yaml"}, Rule: "no-main", Msg: "none"}, false},
		{diag.Error{Pos: diag.Pos{File: "/elsewhere/x.yaml", Line: 1, Col: 1}, Rule: "root-user", Msg: "root"}, true},
		{diag.Error{Pos: diag.Pos{File: "c:d.yaml", Line: 1, Col: 1}, Rule: "no-main", Msg: "again"}, false},
	}
}

// TestSARIF holds the log to testdata, -update writes it.
func TestSARIF(t *testing.T) {
	golden.Equal(t, filepath.Join("testdata", "hostile.sarif"), indented(sarif("v1", hostile())))
}

// TestSARIFText holds that no viewer finds a link or a placeholder in a message.
func TestSARIFText(t *testing.T) {
	for in, want := range map[string]string{
		"[a](b) [c]":    "[a] (b) [c]",
		"{0}{{.X}}{12}": "{{0}}{{.X}}{{12}}",
	} {
		if got := sarifText(in).Text; got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// TestRuleDoc holds that a mistake and a warning of either package has a sentence.
func TestRuleDoc(t *testing.T) {
	for _, rule := range []string{"unknown-key", "no-main", "root-user"} {
		if doc := ruleDoc(rule); doc == rule {
			t.Errorf("%s: no sentence", rule)
		}
	}
}
