package integration

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/containerd/platforms"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// tiny is a project that compiles quickly: it imports nothing.
var tiny = map[string]string{
	"Dockerfile": "# syntax=acme/xbuild\n",
	"go.mod":     "module example.com/tiny\n\ngo 1.26\n",
	"main.go":    "package main\n\nfunc main() { println(\"tiny\") }\n",
}

// with gives a copy of files with others over it.
func with(files map[string]string, over map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{files, over} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// TestPlatforms builds for many architectures at once: the index lists the right
// platforms, and each binary is what its platform says.
func TestPlatforms(t *testing.T) {
	k := kit(t)
	want := map[string]struct {
		machine elf.Machine
		setting string // of the build info
	}{
		"linux/amd64":   {elf.EM_X86_64, "GOAMD64=v1"},
		"linux/arm64":   {elf.EM_AARCH64, "GOARM64=v8.0"},
		"linux/arm/v7":  {elf.EM_ARM, "GOARM=7"},
		"linux/arm/v6":  {elf.EM_ARM, "GOARM=6"},
		"linux/386":     {elf.EM_386, "GOARCH=386"},
		"linux/riscv64": {elf.EM_RISCV, "GOARCH=riscv64"},
		"linux/s390x":   {elf.EM_S390, "GOARCH=s390x"},
		"linux/ppc64le": {elf.EM_PPC64, "GOARCH=ppc64le"},
	}
	var names []string
	for n := range want {
		names = append(names, n)
	}
	slices.Sort(names)
	res := build(t, k, request{dir: project(t, tiny), platforms: strings.Join(names, ","), push: "test/platforms:1"})
	if n := len(res.vertices["[source] scan"]); n != 1 {
		t.Errorf("%d scan vertices, want 1", n)
	}
	images := pull(t, k, "test/platforms:1")
	if len(images) != len(want) {
		t.Errorf("index lists %d images, want %d", len(images), len(want))
	}
	for _, name := range names {
		img := images[name]
		if img == nil {
			t.Errorf("index has no %s", name)
			continue
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.Platform().String(); got != name {
			t.Errorf("config of %s says %s", name, got)
		}
		bin := contents(t, img)["usr/local/bin/tiny"]
		f, err := elf.NewFile(bytes.NewReader(bin.data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f.Machine != want[name].machine {
			t.Errorf("%s: ELF machine %s", name, f.Machine)
		}
		if f.Section(".symtab") != nil || f.Section(".debug_info") != nil {
			t.Errorf("%s: not stripped", name)
		}
		if got := settings(t, bin.data); !slices.Contains(got, want[name].setting) || !slices.Contains(got, "CGO_ENABLED=0") || !slices.Contains(got, "-trimpath=true") {
			t.Errorf("%s: build settings %v lack %s", name, got, want[name].setting)
		}
	}
}

// TestOtherSystems exports bare files for systems other than Linux.
func TestOtherSystems(t *testing.T) {
	k := kit(t)
	for _, target := range []struct{ name, darwin, windows string }{
		{"", "darwin_arm64/usr/local/bin/tiny", "windows_amd64/usr/local/bin/tiny.exe"},
		{"binaries", "darwin_arm64/tiny", "windows_amd64/tiny.exe"},
	} {
		res := build(t, k, request{dir: project(t, tiny), platforms: "darwin/arm64,windows/amd64", attrs: map[string]string{"target": target.name}})
		m, err := macho.NewFile(bytes.NewReader(res.data[target.darwin]))
		if err != nil {
			t.Fatalf("%s: %v", target.darwin, err)
		}
		if m.Cpu != macho.CpuArm64 {
			t.Errorf("Mach-O for %s", m.Cpu)
		}
		p, err := pe.NewFile(bytes.NewReader(res.data[target.windows]))
		if err != nil {
			t.Fatalf("%s: %v", target.windows, err)
		}
		if p.Machine != pe.IMAGE_FILE_MACHINE_AMD64 {
			t.Errorf("PE for machine %x", p.Machine)
		}
	}
}

// TestSameBits compares with what go build makes of the same source outside.
func TestSameBits(t *testing.T) {
	k := kit(t)
	res := build(t, k, request{dir: example("multi"), file: "xbuild.yaml", platforms: "linux/amd64,linux/arm64"})
	for _, b := range []struct{ binary, arch, tags, env string }{
		{"shop", "amd64", "", "GOAMD64=v1"},
		{"shop", "arm64", "", "GOARM64=v8.0"},
		{"worker", "amd64", "nolog", "GOAMD64=v2"},
		{"worker", "arm64", "nolog", "GOARM64=v8.0"},
	} {
		out := filepath.Join(t.TempDir(), b.binary)
		cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-tags="+b.tags,
			"-ldflags=-s -w -X example.com/multi/internal/about.Channel=stable", "-o", out, "./cmd/"+b.binary)
		cmd.Dir = copyTree(t, example("multi"))
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+b.arch, b.env, "GOFLAGS=")
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, msg)
		}
		want, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got := res.data["linux_"+b.arch+"/usr/local/bin/"+b.binary]
		if sha256.Sum256(got) != sha256.Sum256(want) {
			t.Errorf("%s for %s: %d bytes, go build makes other %d", b.binary, b.arch, len(got), len(want))
		}
	}
}

// TestReproducible builds on two daemons that share nothing, in different seconds.
func TestReproducible(t *testing.T) {
	t.Parallel()
	files := with(tiny, map[string]string{
		"Dockerfile":     "# syntax=acme/xbuild\nimages:\n  tiny:\n    files: [{from: web, to: /srv/web}, {from: main.go, to: /usr/share/tiny/}]\n",
		"web/index.html": "hello\n", "web/sub/a.txt": "a\n",
	})
	var digests []map[string]string
	for i, k := range []*localkit.Kit{kit(t), another(t)} {
		repo := fmt.Sprintf("test/reproducible:%d", i)
		build(t, k, request{dir: project(t, files), platforms: "linux/amd64,linux/arm64", push: repo})
		found := map[string]string{}
		for p, img := range pull(t, k, repo) {
			d, err := img.Digest()
			if err != nil {
				t.Fatal(err)
			}
			found[p] = d.String()
		}
		digests = append(digests, found)
		if i == 0 {
			time.Sleep(1100 * time.Millisecond) // a clock in whole seconds must differ
		}
	}
	if len(digests[0]) != 2 || fmt.Sprint(digests[0]) != fmt.Sprint(digests[1]) {
		t.Errorf("two builders, two results:\n%v\n%v", digests[0], digests[1])
	}
}

// TestEpoch sets every time in the image by SOURCE_DATE_EPOCH.
func TestEpoch(t *testing.T) {
	k := kit(t)
	epoch := time.Unix(1700000000, 0).UTC()
	attrs := map[string]string{"build-arg:SOURCE_DATE_EPOCH": "1700000000"}
	build(t, k, request{dir: project(t, tiny), attrs: attrs, platforms: "linux/amd64,linux/arm64", push: "test/epoch:1"})
	for p, img := range pull(t, k, "test/epoch:1") {
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if !cfg.Created.Equal(epoch) {
			t.Errorf("%s: created %s", p, cfg.Created)
		}
		for _, h := range cfg.History {
			if !h.Created.Equal(epoch) {
				t.Errorf("%s: history created %s", p, h.Created)
			}
		}
		for name, f := range contents(t, img) {
			if !f.header.ModTime.Equal(epoch) {
				t.Errorf("%s: %s has time %s", p, name, f.header.ModTime)
			}
		}
	}
	_, err := tryBuild(t, k, request{dir: project(t, tiny), attrs: map[string]string{"build-arg:SOURCE_DATE_EPOCH": "yesterday"}})
	if err == nil || !strings.Contains(err.Error(), `SOURCE_DATE_EPOCH is "yesterday", not a number of seconds since 1970 [bad-epoch]`) {
		t.Errorf("a bad epoch gives %v", err)
	}
}

// TestBase inherits from each platform's own base, and pulls no other.
func TestBase(t *testing.T) {
	t.Parallel()
	k := kit(t)
	build(t, k, request{dir: example("base"), platforms: "linux/amd64,linux/arm64", push: "test/base:1"})
	bases, images := pull(t, k, "acme/base:1"), pull(t, k, "test/base:1")
	for _, p := range []string{"linux/amd64", "linux/arm64"} {
		base, err := bases[p].ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := images[p].ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		c := cfg.Config
		if want := append(slices.Clone(base.Config.Env), "MODE=example"); !slices.Equal(c.Env, want) {
			t.Errorf("%s: env %v, want %v", p, c.Env, want)
		}
		if c.User != "1000:1000" || c.WorkingDir != "/srv" || c.Labels["base"] != "yes" || c.Labels["team"] != "base" {
			t.Errorf("%s: config %+v", p, c)
		}
		if !slices.Equal(c.Entrypoint, []string{"/usr/local/bin/base"}) || len(c.Cmd) != 0 {
			t.Errorf("%s: entrypoint %v, cmd %v", p, c.Entrypoint, c.Cmd)
		}
		n := len(base.RootFS.DiffIDs)
		if len(cfg.RootFS.DiffIDs) != n+1 || !slices.Equal(cfg.RootFS.DiffIDs[:n], base.RootFS.DiffIDs) {
			t.Errorf("%s: layers %v do not begin with the base's %v", p, cfg.RootFS.DiffIDs, base.RootFS.DiffIDs)
		}
		if len(cfg.History) < n+1 {
			t.Errorf("%s: %d history entries for %d layers", p, len(cfg.History), n+1)
		}
	}

	single := fresh(t)
	res := build(t, single, request{dir: example("base"), platforms: "linux/amd64"})
	if len(res.data["etc/base-release"]) == 0 || string(res.data["etc/base-release"]) != "amd64\n" {
		t.Errorf("base-release is %q", res.data["etc/base-release"])
	}
	layers, err := bases["linux/arm64"].Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range layers {
		d, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(res.pulled, d.String()) {
			t.Errorf("the arm64 base layer %s was pulled for amd64", d)
		}
	}
	if len(res.pulled) == 0 {
		t.Error("no pull was seen at all: the check above proves nothing")
	}
}

// TestImageConfig checks what examples/multi says of its images.
func TestImageConfig(t *testing.T) {
	k := kit(t)
	build(t, k, request{dir: example("multi"), file: "xbuild.yaml", platforms: "linux/amd64,linux/arm64", push: "test/multi:1",
		attrs: map[string]string{"label:client": "yes"}})
	for p, img := range pull(t, k, "test/multi:1") {
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		want := v1.Config{
			User: "65532:65532", WorkingDir: "/srv", StopSignal: "SIGTERM",
			Entrypoint:   []string{"/usr/local/bin/shop"},
			Cmd:          []string{"serve"},
			Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LOG=info", "WEB_ROOT=/srv/web"},
			ExposedPorts: map[string]struct{}{"8080/tcp": {}},
			Volumes:      map[string]struct{}{"/data": {}},
			Labels:       map[string]string{"team": "shop", "client": "yes"},
		}
		if got, want := toJSON(t, cfg.Config), toJSON(t, want); got != want {
			t.Errorf("%s: config\n%s, want\n%s", p, got, want)
		}
		m, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		if m.Annotations["org.opencontainers.image.title"] != "Shop" {
			t.Errorf("%s: annotations %v", p, m.Annotations)
		}
		files := contents(t, img)
		for name, mode := range map[string]int64{"srv/web/": 0o755, "srv/web/css/": 0o555, "srv/web/css/site.css": 0o444, "srv/web/index.html": 0o444, "usr/local/bin/worker": 0o755} {
			f, ok := files[name]
			if !ok {
				t.Errorf("%s: no %s", p, name)
			} else if f.header.Mode != mode || f.header.Uid != 0 {
				t.Errorf("%s: %s has mode %o of uid %d, want %o of 0", p, name, f.header.Mode, f.header.Uid, mode)
			}
		}
	}
	for target, want := range map[string]string{"worker": "linux/amd64", "binaries": "linux/amd64"} {
		res := build(t, k, request{dir: example("multi"), file: "xbuild.yaml", platforms: want, attrs: map[string]string{"target": target}})
		if (len(res.data["usr/local/bin/worker"]) > 0) != (target == "worker") || (len(res.data["shop"]) > 0) != (target == "binaries") {
			t.Errorf("target %s gives %v", target, sortedNames(res.data))
		}
	}
}

// pull gives the images of an index by platform.
func pull(t *testing.T, k *localkit.Kit, repo string) map[string]v1.Image {
	t.Helper()
	idx, err := k.Registry.Index(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	m, err := idx.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]v1.Image{}
	for _, d := range m.Manifests {
		img, err := idx.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		out[d.Platform.String()] = img
	}
	return out
}

type fileEntry struct {
	header *tar.Header
	data   []byte
}

// contents gives the files of an image's flattened layers by path; directories end in /.
func contents(t *testing.T, img v1.Image) map[string]fileEntry {
	t.Helper()
	in := mutate.Extract(img)
	defer in.Close()
	out := map[string]fileEntry{}
	tr := tar.NewReader(in)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(h.Name, "/")
		if h.Typeflag == tar.TypeDir {
			name += "/"
		}
		out[name] = fileEntry{h, data}
	}
}

func settings(t *testing.T, bin []byte) []string {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(bin))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range info.Settings {
		out = append(out, s.Key+"="+s.Value)
	}
	return out
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func sortedNames[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func native() string { return platforms.Format(platforms.DefaultSpec()) }
