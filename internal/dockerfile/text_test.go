package dockerfile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/dockerfile"
	"github.com/acme/xbuild/plan"
	"github.com/google/go-cmp/cmp"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// hostilePlan has a text wherever a plan has one that a user writes.
func hostilePlan(text string) *plan.Plan {
	return &plan.Plan{
		Target: "shop", BuildPlatform: amd64, Toolchain: plan.Toolchain{Image: "golang:1.26"},
		Steps: []plan.Step{
			plan.Context{},
			plan.Narrow{},
			plan.Deps{Set: "set", Toolchain: plan.NoStep, Std: plan.NoStep, Platform: amd64, Dir: ".", Compile: true,
				Flags: []string{"-tags=" + text}, Env: []string{"GOARCH=amd64", "GOOS=linux", "TEXT=" + text}},
			plan.Prune{},
			plan.Compile{Source: 1, Toolchain: 3, Std: plan.NoStep, Deps: 2, Binary: text, Platform: amd64, Dir: ".", Package: "./" + text,
				Flags: []string{"-ldflags=" + text}, Env: []string{"GOARCH=amd64", "GOOS=linux", "TEXT=" + text}, Output: text},
			plan.Layer{From: 4, Src: text, Dest: "/" + text},
			plan.Layer{From: 0, Src: text, Dest: "/" + text},
			plan.Layer{From: plan.NoStep, Link: text, Dest: "/" + text},
		},
		Targets: []plan.Target{{
			Name: "shop", Platform: amd64, Layers: []plan.StepID{5, 6, 7},
			Config: plan.Config{
				Env: []string{"TEXT=" + text}, Labels: map[string]string{"label": text, "key" + text: "value"}, User: "u" + text,
				WorkDir: "/" + text, Volumes: []string{"/" + text}, Entrypoint: []string{"/" + text}, Cmd: []string{text},
				Healthcheck: &plan.Healthcheck{Test: []string{"CMD", text}, Interval: time.Second},
			},
		}},
	}
}

func emitHostile(text string) ([]byte, error) {
	data, _, err := dockerfile.Emit(dockerfile.Input{
		Plans: []*plan.Plan{hostilePlan(text)}, Spec: text, Sets: map[string]dockerfile.Set{"set": {Imports: []string{"fmt", text}, Files: []string{"go.mod"}}},
	})
	return data, err
}

// kinds are the instructions of a Dockerfile, by their stages.
func kinds(t *testing.T, data []byte) (out []string) {
	t.Helper()
	res, err := parser.Parse(strings.NewReader(string(data)))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	stages, _, err := instructions.Parse(res.AST, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	for _, s := range stages {
		out = append(out, "FROM")
		for _, c := range s.Commands {
			out = append(out, c.Name())
		}
	}
	return out
}

// FuzzEmit holds that no text of a user breaks out of where it is put: the Dockerfile has the
// same instructions whatever the text is, and BuildKit reads the same text back.
func FuzzEmit(f *testing.F) {
	for _, text := range []string{
		"plain", `it's "quoted" $HOME ${HOME} \ `, "`id`", "$(id)", "a\nRUN id", "EOF\nRUN id", "<<EOF", `a \`, "# not a comment", "a;b&&c|d>e<f",
		"\r", "\t", "\u2028", "-flag", "--from=x", "[x]", `["x"]`, "a,b=c", "{{.}}", "*?[", "\u00a0", "ümlaut", "", "=", "'", `"`, `\`, "$", "!", "~", "x\x00y", "%", "FROM x",
	} {
		f.Add(text)
	}
	plainText, err := emitHostile("plain")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if text == "" {
			return // no name is
		}
		data, err := emitHostile(text)
		if err != nil {
			if !strings.Contains(err.Error(), dockerfile.Unsaid) {
				t.Fatal(err)
			}
			return // refused, with words
		}
		want := kinds(t, plainText)
		if got := kinds(t, data); !slices.Equal(got, want) {
			t.Fatalf("instructions (-want +got):\n%s\n%s", cmp.Diff(want, got), data)
		}
		if strings.TrimSpace(text) != text || strings.Trim(text, "/.") != text || strings.Contains(text, "/") || text == "" {
			return // paths of it would be others
		}
		readBack(t, data, text)
	})
}

// readBack holds that BuildKit finds the text in the config, the environment and the commands.
func readBack(t *testing.T, data []byte, text string) {
	t.Helper()
	res := convert(t, data, "shop", ocispecs.Platform{OS: "linux", Architecture: "amd64"}, nil)
	c := res.Image.Config
	want := hostilePlan(text).Targets[0].Config
	if !slices.Contains(c.Env, "TEXT="+text) || c.Labels["label"] != text || c.Labels["key"+text] != "value" || c.User != want.User ||
		c.WorkingDir != want.WorkDir || !slices.Equal(c.Entrypoint, want.Entrypoint) || !slices.Equal(c.Cmd, want.Cmd) || !slices.Equal(c.Healthcheck.Test, want.Healthcheck.Test) {
		t.Fatalf("%q: config is %+v\n%s", text, c, data)
	}
	if _, ok := c.Volumes["/"+text]; !ok {
		t.Fatalf("%q: volumes are %v\n%s", text, c.Volumes, data)
	}
	def, err := res.State.Marshal(t.Context(), bk.Platform(amd64))
	if err != nil {
		t.Fatal(err)
	}
	if len(def.Def) < 5 {
		t.Fatalf("%d operations", len(def.Def))
	}
	checkCommands(t, def, text)
}

// checkCommands holds that a shell sees the text as one word.
func checkCommands(t *testing.T, def *bk.Definition, text string) {
	t.Helper()
	found := 0
	for _, op := range operations(t, def) {
		e := op.GetExec()
		if e == nil {
			continue
		}
		words := lastCommand(t, e.Meta)
		at := slices.Index(words, "-o")
		if at < 0 {
			continue
		}
		found++
		if words[at+1] != "/out/"+text || words[at+2] != "./"+text || words[at-1] != "-ldflags="+text {
			t.Fatalf("%q: command is %q", text, words)
		}
		if !slices.Contains(e.Meta.Env, "TEXT="+text) {
			t.Fatalf("%q: environment is %q", text, e.Meta.Env)
		}
	}
	if found != 1 {
		t.Fatalf("%d commands were found", found)
	}
}
