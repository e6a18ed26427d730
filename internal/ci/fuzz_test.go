package ci

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func writeProgram(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// FuzzText holds that text of the project stays one word of one command of one step, whatever is
// in it, and is no expression of the forge.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"docker-bake.json", "a b", "", "'", "''", `'"'`, "$HOME", "$(id)", "`id`", "${{ github.token }}", "${{", "a: b", "# x", "- x", "|", "*x", "&x", "!x",
		"{a}", "[x]", "\\", "\"", "~", "true", "1", "null", "on", "EOF", "a\tb", "é", "\u2028", "\u0085", "</script>", "%s", "x'", "\U0001f600", "a\xff",
	} {
		f.Add(s)
	}
	shared := project(f, "")
	f.Fuzz(func(t *testing.T, s string) {
		p := *shared
		p.Bake, p.Branch, p.Allow, p.Spec = s, s, []string{"fs.read=" + s}, s
		p.Split = []Image{{"shop", []string{"linux-amd64"}}}
		data, err := GitHub(&p)
		if err != nil {
			if p.check() == nil {
				t.Error(err)
			}
			return
		}
		github := decode(t, data, nil)
		if got := at(github, "on", "push", "branches", 0); got != literal(s) {
			t.Errorf("branch %q became %q", s, got)
		}
		check := github["jobs"].(map[string]any)["check"]
		steps := at(check, "steps").([]any)
		words(t, evaluated(t, at(steps[len(steps)-1], "run").(string)), "bake", "-f", s, "--allow", "fs.read="+s, "--set", "*.output=type=cacheonly")
		data, err = GitLab(&p)
		gitlab := decode(t, data, err)
		words(t, at(gitlab, "check", "script", 1).(string), "bake", "-f", s, "--allow", "fs.read="+s, "--set", "*.output=type=cacheonly")
	})
}

// FuzzFlag holds the same for what a shell runs of a plan.
func FuzzFlag(f *testing.F) {
	for _, s := range []string{"-s -w", "'", "$x", "`id`", "\n", "a\nesac\nid", "${{ secrets.X }}", "xbuildVERSIONaaa", "x'", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsRune(s, 0) || strings.Contains(s, "xbuild") {
			return
		}
		version, _, _ := Placeholders(0)
		word, found := stamped(s+version+s, 0)
		if !found {
			t.Fatalf("no placeholder in %q", word)
		}
		cmd := exec.Command("sh", "-c", "printf '%s' "+word)
		cmd.Env = []string{"VERSION=v1 '\"$x"}
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != s+"v1 '\"$x"+s {
			t.Errorf("%q became %q: %v", s, out, err)
		}
	})
}

// evaluated is text after GitHub evaluated the one expression that it may hold.
func evaluated(t *testing.T, s string) string {
	t.Helper()
	const mark = "\x01"
	s = strings.ReplaceAll(s, "${{ '${{' }}", mark)
	if strings.Contains(s, "${{") {
		t.Errorf("an expression in %q", s)
	}
	return strings.ReplaceAll(s, mark, "${{")
}

// words compares what a shell makes of a command line of docker buildx.
func words(t *testing.T, line string, want ...string) {
	t.Helper()
	out, err := exec.Command("sh", "-c", "docker() { shift; for w; do printf '%s\\0' \"$w\"; done; }\n"+line).CombinedOutput()
	if got := strings.TrimSuffix(string(out), "\x00"); err != nil || got != strings.Join(want, "\x00") {
		t.Errorf("%q gives %q (%v), want %q", line, got, err, want)
	}
}
