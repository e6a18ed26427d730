package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// TestClients builds the same example through each client and each way to name the spec.
func TestClients(t *testing.T) {
	k := kit(t)
	named := project(t, map[string]string{"xbuild.yaml": tiny["Dockerfile"], "go.mod": tiny["go.mod"], "main.go": tiny["main.go"]})
	plain := project(t, tiny)
	repository, publish := serveGit(t)
	publish(map[string]string{"sub/Dockerfile": tiny["Dockerfile"], "sub/go.mod": tiny["go.mod"], "sub/main.go": tiny["main.go"], "README.md": "a\n"})
	for _, c := range []struct {
		name  string
		args  func(out string) []string
		ctl   bool
		stdin []byte
	}{
		{name: "buildx", args: func(out string) []string {
			return []string{"build", "--output", "type=local,dest=" + out, plain}
		}},
		{name: "buildx -f", args: func(out string) []string {
			return []string{"build", "-f", filepath.Join(named, "xbuild.yaml"), "--output", "type=local,dest=" + out, named}
		}},
		{name: "buildx folder of a repository", args: func(out string) []string {
			return []string{"build", "--output", "type=local,dest=" + out, repository + ":sub"}
		}},
		{name: "buildx context on stdin", stdin: tarball(t, tiny), args: func(out string) []string {
			return []string{"build", "--output", "type=local,dest=" + out, "-"}
		}},
		{name: "buildctl", ctl: true, args: func(out string) []string {
			return []string{"build", "--frontend", "dockerfile.v0", "--local", "context=" + plain, "--local", "dockerfile=" + plain,
				"--output", "type=local,dest=" + out}
		}},
		{name: "buildctl gateway", ctl: true, args: func(out string) []string {
			return []string{"build", "--frontend", "gateway.v0", "--opt", "source=" + k.Registry.Ref(localkit.Frontend), "--opt", "filename=xbuild.yaml",
				"--local", "context=" + named, "--local", "dockerfile=" + named, "--output", "type=local,dest=" + out}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := t.TempDir()
			cmd := k.Buildx(t.Context(), c.args(out)...)
			if c.ctl {
				cmd = k.Buildctl(t.Context(), c.args(out)...)
			}
			if c.stdin != nil {
				cmd.Stdin = bytes.NewReader(c.stdin)
			}
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			if _, err := os.Stat(filepath.Join(out, "usr/local/bin/tiny")); err != nil {
				t.Error(err)
			}
		})
	}
}

// goldenOf is what is wanted of an example.
func goldenOf(t *testing.T, example, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../examples", example, "want", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestCalls asks about specs by buildx's --call.
func TestCalls(t *testing.T) {
	k := kit(t)
	multi := []string{"-f", filepath.Join(example("multi"), "xbuild.yaml"), example("multi")}
	pie := project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nbinaries:\n  tiny:\n    main: .\n    buildmode: pie\n"}))
	args := project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nargs: {channel: stable}\n"}))
	private := project(t, with(tiny, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ngo:\n  private:\n    a.example.com: {secret: git-token}\n    b.example.com: {ssh: agent}\n",
		"go.mod":     tiny["go.mod"] + "\nrequire a.example.com/x v1.0.0\n",
	}))
	zig := project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nbinaries: {tiny: {main: ., cgo: {cc: zig}}}\n"}))
	bad := project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nnmae: tiny\n"}))
	for _, c := range []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"targets", append([]string{"--call=targets"}, multi...), 0, []string{"shop (default)", "image with shop, worker", "worker", "binaries", "the bare binaries"}},
		{"outline", append([]string{"--call=outline", "--target", "worker"}, multi...), 0, []string{"worker", "SOURCE_DATE_EPOCH"}},
		{"check", append([]string{"--check"}, multi...), 0, []string{"Check complete, no warnings found."}},
		{"check with a warning", []string{"--check", pie}, 1, []string{"needs-loader", `binary "tiny" has buildmode: pie`, "Dockerfile:4", ">>>     main: ."}},
		{"check with a mistake", []string{"--check", bad}, 1, []string{`Dockerfile:2:1: unknown key "nmae" (did you mean "name"?) [unknown-key]`, ">>> nmae: tiny"}},
		{"describe", append([]string{"--call=subrequests.describe"}, multi...), 0, []string{"outline ", "targets ", "subrequests.describe ", "xbuild.plan ", "xbuild.explain ", "xbuild.schema "}},
		{"explain", append([]string{"--call=xbuild.explain", "--platform=linux/arm64"}, multi...), 0, []string{"[shop linux/arm64] compile", "flags -trimpath", "env CGO_ENABLED=0", "shop linux/arm64: scratch + "}},
		{"plan", append([]string{"--call=xbuild.plan"}, multi...), 0, []string{`"Step": "Compile"`, `"Vertex": "[source] narrow"`, `"Target": "shop"`}},
		{"schema", append([]string{"--call=xbuild.schema"}, multi...), 0, []string{"json-schema.org/draft/2020-12", `"binaries"`}},
		{"dockerfile", append([]string{"--call=xbuild.dockerfile"}, multi...), 0, []string{goldenOf(t, "multi", "Dockerfile")}},
		{"dockerfile of what it can't say", []string{"--call=xbuild.dockerfile", zig}, 1, []string{"Dockerfile:2", "cgo.cc: zig", "[not-in-dockerfile]"}},
		{"an unknown call", append([]string{"--call=xbuild.plna"}, multi...), 1, []string{`xbuild does not answer xbuild.plna`, `did you mean "xbuild.plan"?`}},
		{"secrets", []string{"--call=outline", private}, 0, []string{"SECRET", "git-token", "SSH", "agent"}},
		{"build args", []string{"--call=outline", "--build-arg", "channel=beta", args}, 0, []string{"channel", "beta", "VERSION"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := k.Buildx(t.Context(), append([]string{"build"}, c.args...)...)
			said, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d: %v", code, c.code, err)
			}
			for _, w := range c.want {
				if !strings.Contains(string(said), w) {
					t.Errorf("%q is not in\n%s", w, said)
				}
			}
		})
	}
}
