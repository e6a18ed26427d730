package integration

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/gen"
	"github.com/acme/xbuild/internal/localkit"
)

// block is a fenced block of the README, with the comment above it that says what to do
// with it.
var block = regexp.MustCompile("(?m)^(?:<!-- (.*) -->\n)?```(\\w*)\n((?s:.*?))^```$")

// TestReadme runs the commands of the README and compares the files in it with the
// examples. A block of commands without a comment fails: it would not be run.
func TestReadme(t *testing.T) {
	root, err := localkit.RepositoryRoot()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := block.FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d blocks found", len(blocks))
	}
	for i, b := range blocks {
		do, language, text := b[1], b[2], b[3]
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			what, arg, _ := strings.Cut(do, ": ")
			switch {
			case what == "file":
				want, err := os.ReadFile(filepath.Join(root, arg))
				if err != nil {
					t.Fatal(err)
				}
				if text != string(want) {
					t.Errorf("the README's %s is not the file", arg)
				}
			case what == "run":
				runAsUser(t, filepath.Join(root, arg), text)
			case what == "gen":
				for line := range strings.Lines(text) {
					args := strings.Fields(line)[1:]
					var out, messages bytes.Buffer
					if code := gen.Main([]string{args[0], "--help"}, nil, &out, &messages); code != 0 || !strings.Contains(out.String(), "gen "+args[0]) {
						t.Errorf("%s: no such command: %s", line, messages.Bytes())
					}
				}
			case what == "test": // which runs it
				here, err1 := filepath.Glob("*_test.go")
				apps, err2 := filepath.Glob("../../bench/apps/*_test.go")
				if err := errors.Join(err1, err2); err != nil || !holdsOne(t, slices.Concat(here, apps), "func "+arg+"(t *testing.T)") {
					t.Errorf("there is no %s (%v)", arg, err)
				}
			case what == "make":
				for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
					cmd := exec.CommandContext(t.Context(), "sh", "-ec", strings.Replace(line, "make ", "make -n ", 1))
					cmd.Dir = root
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%s: %v\n%s", line, err, out)
					}
				}
			case language == "sh":
				t.Errorf("nothing says how to run\n%s", text)
			}
		})
	}
}

// holdsOne reports whether one of the files has the text.
func holdsOne(t *testing.T, files []string, text string) bool {
	t.Helper()
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), text) {
			return true
		}
	}
	return false
}

// runAsUser runs commands in a copy of dir, with a docker command whose buildx drives the
// kit, and the kit's registry in place of the one in the text.
func runAsUser(t *testing.T, dir, commands string) {
	t.Helper()
	k := kit(t)
	buildx := k.Buildx(t.Context())
	bin := project(t, map[string]string{"docker": "#!/bin/sh\n[ \"$1\" = buildx ] || exit 2\nshift\nexec " + buildx.Path + " \"$@\"\n"})
	if err := os.Chmod(filepath.Join(bin, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(commands, "registry.example.com", k.Registry.Host()))
	cmd.Dir = copyTree(t, dir)
	cmd.Env = append(buildx.Env, "PATH="+bin+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s\n%v\n%s", commands, err, out)
	}
}
