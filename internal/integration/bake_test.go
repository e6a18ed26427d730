package integration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/acme/xbuild/internal/progress"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/moby/buildkit/client"
)

// genProgram is the generator.
func genProgram(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gen")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", file, "../../cmd/gen")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// bakery runs docker buildx bake in a folder.
type bakery struct {
	dir string
	env []string
}

// bake runs a command line of bash, where docker is that of the kit, and tells what was executed from
// what was cached.
func (b bakery) bake(t *testing.T, k *localkit.Kit, line string, env ...string) *result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-ec", line)
	buildx := k.Buildx(t.Context())
	bin := project(t, map[string]string{"docker": "#!/bin/sh\n[ \"$1\" = buildx ] || exit 2\nshift\nexec " + buildx.Path + " \"$@\"\n"})
	if err := os.Chmod(filepath.Join(bin, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd.Dir = b.dir
	cmd.Env = slices.Concat(buildx.Env, b.env, env, []string{"BUILDKIT_PROGRESS=rawjson", "PATH=" + bin + ":" + os.Getenv("PATH")})
	var events bytes.Buffer
	cmd.Stderr = &events
	err := cmd.Run()
	res := &result{vertices: map[string][]*progress.Vertex{}}
	ch := make(chan *client.SolveStatus)
	var said strings.Builder
	go func() {
		defer close(ch)
		lines := bufio.NewScanner(&events)
		lines.Buffer(nil, 1<<24)
		for lines.Scan() {
			s := &client.SolveStatus{}
			if json.Unmarshal(lines.Bytes(), s) != nil {
				said.WriteString(lines.Text() + "\n")
				continue
			}
			ch <- s
		}
	}()
	res.watch(ch)
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", line, err, said.String(), res.logs)
	}
	if strings.Contains(said.String(), "variable is not set") {
		t.Errorf("%s: %s", line, said.String())
	}
	return res
}

// made are the steps of a bake that ran a go command, or made what one or an image needs, without
// the target that bake puts into their names.
func (r *result) made() (out []string) {
	for _, name := range r.ran() {
		target, step, ok := strings.Cut(name, " ")
		_, verb, _ := strings.Cut(step, "] ")
		verb, _, _ = strings.Cut(verb, " ")
		if ok && strings.HasPrefix(target, "[") && slices.Contains([]string{"compile", "link", "prune", "narrow", "copy", "go", "pack"}, verb) {
			out = append(out, "["+step)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestBake releases examples/multi by the command of the manual, and has the same done by machines that
// share only the registry with the first one.
func TestBake(t *testing.T) {
	t.Parallel()
	first := kit(t)
	registry := first.Registry.Ref("bake")
	b := bakery{dir: copyTree(t, example("multi")), env: []string{"VERSION=v1.0.0+1", "gen=" + genProgram(t) + " bake --cache " + registry + "/multi:cache"}}

	for _, name := range []string{"shop", "worker"} { // new to the first one's cache
		write(t, filepath.Join(b.dir, "cmd", name, "stamp.go"), fmt.Sprintf("package main\n\nconst stamp = %d\n", time.Now().UnixNano()))
	}

	res := b.bake(t, first, `docker buildx bake -f - --push < <($gen)`)
	for _, want := range []string{"[shop linux/amd64] compile", "[shop linux/arm64] compile", "[worker linux/amd64] compile", "[worker linux/arm64] compile"} {
		if !slices.Contains(res.made(), want) {
			t.Errorf("%s did not run: %q", want, res.made())
		}
	}
	pushed := map[string]string{}
	for _, image := range []string{"shop", "worker"} {
		pushed[image] = imageDigests(t, first, "bake/"+image+":v1.0.0_1")
		if latest := imageDigests(t, first, "bake/"+image+":latest"); latest != pushed[image] {
			t.Errorf("%s: latest is %s, v1.0.0_1 is %s", image, latest, pushed[image])
		}
		holdsCache(t, first, "bake/multi:cache-"+image)
	}

	t.Run("a fresh machine", func(t *testing.T) {
		second := fresh(t)
		res := b.bake(t, second, `docker buildx bake -f - --push < <($gen)`)
		if made := res.made(); len(made) > 0 {
			t.Errorf("ran %q", made)
		}
		if !slices.ContainsFunc(keys(res.vertices), func(s string) bool {
			return strings.Contains(s, "importing cache manifest from "+registry+"/multi:cache-worker")
		}) {
			t.Error("no cache was imported: the rest proves nothing")
		}
		for image, want := range pushed {
			if got := imageDigests(t, second, "bake/"+image+":v1.0.0_1"); got != want {
				t.Errorf("%s is %s, was %s", image, got, want)
			}
		}
	})
	t.Run("a pull request", func(t *testing.T) {
		second := fresh(t)
		edited := bakery{dir: copyTree(t, b.dir), env: b.env}
		before := digestOf(t, second, "bake/multi:cache-worker")
		write(t, filepath.Join(edited.dir, "cmd/worker/edit.go"), "package main\n\nfunc init() { println(\"edited\") }\n")
		want := []string{
			"[source] narrow",
			"[worker linux/amd64] compile", "[worker linux/amd64] copy /usr/local/bin/worker",
			"[worker linux/arm64] compile", "[worker linux/arm64] copy /usr/local/bin/worker",
		}
		for _, format := range []string{"json", "hcl"} {
			res := edited.bake(t, second, `$gen --format `+format+` -o docker-bake.`+format+`; docker buildx bake -f docker-bake.`+format, "CACHE_EXPORT=false")
			if made := res.made(); !slices.Equal(made, want) {
				t.Errorf("%s: ran %q, want %q", format, made, want)
			}
			want = nil // the other format asks for the same
		}
		if after := digestOf(t, second, "bake/multi:cache-worker"); after != before {
			t.Error("a pull request wrote the cache")
		}
	})
	t.Run("other targets", func(t *testing.T) {
		res := b.bake(t, first, `docker buildx bake -f - test dist < <($gen)`)
		if made := res.made(); !slices.Contains(made, "[test] go test") || !slices.Contains(made, "[dist] pack") {
			t.Errorf("ran %q", made)
		}
		for _, file := range []string{"SHA256SUMS", "shop-linux-amd64", "worker-linux-arm64"} {
			if _, err := os.Stat(filepath.Join(b.dir, "dist", file)); err != nil {
				t.Error(err)
			}
		}
	})
}

func keys[V any](m map[string]V) (out []string) {
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// imageDigests are the manifests of an image by platform, without attestations, which have times
// in them but must be there.
func imageDigests(t *testing.T, k *localkit.Kit, repo string) string {
	t.Helper()
	index, err := k.Registry.Index(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	list, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	attestations := 0
	for _, m := range list.Manifests {
		if m.Platform.OS == "unknown" {
			attestations++
			continue
		}
		out = append(out, m.Platform.String()+"@"+m.Digest.String())
	}
	if len(out) != 2 || attestations != 2 {
		t.Errorf("%s: %d images, %d attestations", repo, len(out), attestations)
	}
	image, err := k.Registry.Image(t.Context(), repo, v1.Platform{OS: "linux", Architecture: "arm64"})
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if got := config.Config.Labels["org.opencontainers.image.version"]; got != "v1.0.0+1" {
		t.Errorf("%s: version is %q", repo, got)
	}
	return strings.Join(out, " ")
}

// holdsCache holds that a cache is one manifest, of layers in zstd where it compressed them.
func holdsCache(t *testing.T, k *localkit.Kit, repo string) {
	t.Helper()
	image, err := k.Registry.Image(t.Context(), repo, v1.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	zstd := 0
	for _, l := range manifest.Layers {
		if strings.HasSuffix(string(l.MediaType), "+zstd") {
			zstd++
		}
	}
	if zstd < 5 {
		t.Errorf("%s: %d of %d layers are zstd", repo, zstd, len(manifest.Layers))
	}
}

func digestOf(t *testing.T, k *localkit.Kit, repo string) string {
	t.Helper()
	image, err := k.Registry.Image(t.Context(), repo, v1.Platform{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return d.String()
}

// TestBakePrint has bake read the files of every example, in both formats and in every way.
func TestBakePrint(t *testing.T) {
	k := kit(t)
	dirs, err := filepath.Glob(example("*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			read := func(file string, stdin bool, env ...string) string {
				t.Helper()
				cmd := k.Buildx(t.Context(), "bake", "-f", file, "--print", "*")
				if stdin {
					data, err := os.ReadFile(filepath.Join(dir, file))
					if err != nil {
						t.Fatal(err)
					}
					cmd = k.Buildx(t.Context(), "bake", "-f", "-", "--print", "*")
					cmd.Stdin = bytes.NewReader(data)
				}
				var messages strings.Builder
				cmd.Dir, cmd.Stderr, cmd.Env = dir, &messages, append(cmd.Env, env...)
				out, err := cmd.Output()
				if err != nil || strings.Contains(messages.String(), "WARNING") {
					t.Fatalf("%s: %v\n%s", file, err, messages.String())
				}
				return string(out)
			}
			for _, env := range [][]string{nil, {"VERSION=v2", "REVISION=abc", "SOURCE=https://example.com", "REGISTRY=", "CACHE_EXPORT=false", "SOURCE_DATE_EPOCH=1"}} {
				want := read("want/docker-bake.json", false, env...)
				for _, got := range []string{read("want/docker-bake.hcl", false, env...), read("want/docker-bake.hcl", true, env...), read("want/docker-bake.json", true, env...)} {
					if got != want {
						t.Errorf("%q: the formats differ:\n%s\n%s", env, want, got)
					}
				}
				if env != nil && (strings.Contains(want, "cache-to") || !strings.Contains(want, `"VERSION": "v2"`) || !strings.Contains(want, ":v2")) {
					t.Errorf("variables are not read:\n%s", want)
				}
			}
		})
	}
}

// TestBakeOutside bakes a module that go.mod replaces by a directory outside of the context, which bake
// reads only when it is allowed to.
func TestBakeOutside(t *testing.T) {
	k := kit(t)
	root := project(t, map[string]string{
		"lib/go.mod":    "module example.com/lib\n\ngo 1.26\n",
		"lib/lib.go":    "package lib\n\nconst Name = \"from outside\"\n",
		"p/xbuild.yaml": "# syntax=acme/xbuild\nname: outside\n",
		"p/go.mod":      "module example.com/outside\n\ngo 1.26\n\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
		"p/main.go":     "package main\n\nimport \"example.com/lib\"\n\nfunc main() { println(lib.Name) }\n",
	})
	b := bakery{dir: filepath.Join(root, "p"), env: []string{"gen=" + genProgram(t) + " bake --platform linux/amd64"}}
	b.bake(t, k, `! docker buildx bake -f - binaries < <($gen)`)
	b.bake(t, k, `docker buildx bake -f - $($gen 2>&1 >/dev/null | grep -o -- '--allow .*') binaries < <($gen)`)
	data, err := os.ReadFile(filepath.Join(b.dir, "dist", "outside"))
	if err != nil || !strings.Contains(string(data), "from outside") {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}
