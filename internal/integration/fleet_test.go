package integration

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/acme/xbuild/internal/progress"
	"github.com/moby/buildkit/client"
)

// spread is a program that is built by a fleet, whose files differ by platform.
var spread = map[string]string{
	"Dockerfile":    "# syntax=acme/xbuild\nplatforms: [linux/amd64, linux/arm64]\nimages:\n  spread:\n    annotations: {com.example.of: manifest, \"index:com.example.of\": index}\n",
	"go.mod":        "module example.com/spread\n\ngo 1.26\n",
	"main.go":       "package main\n\nimport \"strings\"\n\nfunc main() { println(strings.ToUpper(name)) }\n",
	"name_amd64.go": "package main\n\nconst name = \"amd64\"\n",
	"name_arm64.go": "package main\n\nconst name = \"arm64\"\n",
}

const both = "linux/amd64,linux/arm64"

// TestFleet spreads a build over the daemons of one builder, a platform to each, which share nothing but the registry, each in
// a network of its own.
func TestFleet(t *testing.T) {
	t.Parallel()
	amd64, arm64, late := apart(t), another(t), apart(t)
	for _, k := range []*localkit.Kit{amd64, arm64, late} {
		if !k.OwnNetwork() {
			t.Logf("NOT SHOWN: that the daemon at %s needs no network but the way to the registry: it shares this machine's", k.Addr())
		}
	}
	f, err := amd64.Fleet(t.Context(), "fleet", "linux/amd64")
	if err != nil {
		t.Fatal(err)
	}
	join := func(k *localkit.Kit) {
		t.Helper()
		if err := f.Append(t.Context(), k, "linux/arm64"); err != nil {
			t.Fatal(err)
		}
	}
	dir := project(t, with(spread, map[string]string{"stamp.go": fmt.Sprintf("package main\n\nconst stamp = %d\n", time.Now().UnixNano())}))
	cache := "type=registry,ref=" + amd64.Registry.Ref("test/fleet/cache:1")
	join(arm64)
	pushFleet(t, f, dir, "test/fleet:1", "--annotation", "index:com.example.by=client")
	t.Run("merged", func(t *testing.T) {
		merged(t, amd64, dir, "test/fleet:1", map[string]string{"com.example.by": "client"})
	})
	for _, p := range []string{"amd64", "arm64"} { // as the targets of gen bake --split platform
		fleet(t, f, "--platform", "linux/"+p, "--cache-to", cache+"-"+p+",mode=max", dir)
	}
	join(late)
	t.Run("late node", func(t *testing.T) {
		write(t, filepath.Join(dir, "main.go"), strings.Replace(spread["main.go"], "ToUpper", "ToTitle", 1))
		b := pushFleet(t, f, dir, "test/fleet:2", "--cache-from", cache+"-amd64", "--cache-from", cache+"-arm64")
		if want := []string{"[spread linux/amd64] compile", "[spread linux/arm64] compile"}; !slices.Equal(ranOf(b, "] compile"), want) {
			t.Errorf("compiled %q, want %q", ranOf(b, "] compile"), want)
		}
		merged(t, amd64, dir, "test/fleet:2", nil)
	})
	t.Run("each its own", func(t *testing.T) {
		compiledOnly(t, amd64, dir, "amd64", "arm64")
		compiledOnly(t, late, dir, "arm64", "amd64")
	})
	t.Run("folders", func(t *testing.T) { folders(t, f, dir) })
}

// compiledOnly holds that a daemon of the fleet compiled the program for one platform, and not for the other: it has one of them cached.
func compiledOnly(t *testing.T, k *localkit.Kit, dir, own, other string) {
	t.Helper()
	imports := []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": k.Registry.Ref("test/fleet/cache:1-" + other)}}}
	res := build(t, k, request{dir: dir, platforms: both, imports: imports})
	if step := "[spread linux/" + own + "] compile"; res.executed(step) {
		t.Errorf("%s was not its own: it runs again", step)
	}
	if step := "[spread linux/" + other + "] compile"; !res.executed(step) {
		t.Errorf("%s was its own too: it is cached", step)
	}
}

// folders holds that what nodes write to one folder of the client is what one daemon would write.
func folders(t *testing.T, f *localkit.Fleet, dir string) {
	for target, want := range map[string][]string{
		"binaries": {"linux_amd64/spread", "linux_arm64/spread"},
		"dist":     {"SHA256SUMS", "spread-linux-amd64", "spread-linux-arm64"}, // by the first node: no platforms are asked for
	} {
		out := t.TempDir()
		args := []string{"--target", target, "--output", "type=local,dest=" + out, dir}
		if target == "binaries" {
			args = append([]string{"--platform", both}, args...)
		}
		fleet(t, f, args...)
		var got []string
		err := fs.WalkDir(os.DirFS(out), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				got = append(got, name)
			}
			return err
		})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %q, want %q", target, err, got, want)
		}
	}
}

// fleet runs "buildx build" and gives what its events say.
func fleet(t *testing.T, f *localkit.Fleet, args ...string) *progress.Build {
	t.Helper()
	cmd := f.Buildx(t.Context(), append([]string{"build", "--progress=rawjson", "--provenance=false"}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", localkit.CommandLine(cmd), err, said.String())
	}
	b, err := progress.Read(&said)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pushFleet(t *testing.T, f *localkit.Fleet, dir, repo string, flags ...string) *progress.Build {
	t.Helper()
	args := append([]string{"--platform", both, "--output", "type=image,push=true,name=" + shared.Registry.Ref(repo)}, flags...)
	return fleet(t, f, append(args, dir)...)
}

// ranOf are the steps that ran of those whose name ends so, sorted.
func ranOf(b *progress.Build, suffix string) (names []string) {
	for _, v := range b.Vertices {
		if v.State == progress.Executed && strings.HasSuffix(v.Name, suffix) {
			names = append(names, v.Name)
		}
	}
	slices.Sort(names)
	return names
}

// merged holds that the image of both platforms is what one daemon makes of the folder, but for what annotates the
// index: that is the client's, who merges.
func merged(t *testing.T, k *localkit.Kit, dir, repo string, annotations map[string]string) {
	t.Helper()
	index, err := k.Registry.Index(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	m, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Manifests) != 2 {
		t.Errorf("%d manifests, want one for each platform and nothing else: %v", len(m.Manifests), m.Manifests)
	}
	for platform, img := range pull(t, k, repo) {
		manifest, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if got := manifest.Annotations["com.example.of"]; got != "manifest" {
			t.Errorf("%s: the manifest's annotation is %q", platform, got)
		}
		want := goBuilt(t, dir, ".", "GOARCH="+strings.TrimPrefix(platform, "linux/"), "-ldflags=-s -w")
		if got := contents(t, img)["usr/local/bin/spread"].data; !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, go build makes other %d", platform, len(got), len(want))
		}
	}
	if !maps.Equal(m.Annotations, annotations) {
		t.Errorf("the index has the annotations %v, want %v", m.Annotations, annotations)
	}
}
