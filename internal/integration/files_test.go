package integration

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// TestImageFiles has every way in which a file gets into an image, and file capabilities.
func TestImageFiles(t *testing.T) {
	k := kit(t)
	served := []byte("from a URL\n")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(served) }))
	t.Cleanup(server.Close)
	spec := fmt.Sprintf(`# syntax=acme/xbuild
images:
  tiny:
    user: "65532"
    capabilities: {/usr/local/bin/tiny: "cap_net_bind_service,cap_net_raw=+ep"}
    files:
      - {image: "acme/base:1", from: /etc/base-release, to: /etc/base-release, owner: "12:34"}
      - {url: "%s/x", checksum: "sha256:%x", to: /data/x.dat, mode: "0640"}
      - {link: ../data/x.dat, to: /etc/x}
      - {from: "web/*.html", to: /web/, owner: "7"}
      - {from: "test/*_test.go", to: /t/}
`, server.URL, sha256.Sum256(served))
	dir := project(t, with(tiny, map[string]string{
		"Dockerfile": spec, "web/a.html": "a", "web/b.html": "b", "web/c.css": "c", "test/x_test.go": "package x\n", "kodata/k": "k", "kodata/d/l": "l",
	}))
	build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64", push: "test/files:1"})
	for platform, img := range pull(t, k, "test/files:1") {
		all := contents(t, img)
		arch := strings.TrimPrefix(platform, "linux/")
		for path, want := range map[string]string{
			"etc/base-release": "12:34 0644 " + arch + "\n",
			"data/x.dat":       "0:0 0640 from a URL\n",
			"web/a.html":       "7:7 0644 a",
			"web/b.html":       "7:7 0644 b",
			"t/x_test.go":      "0:0 0644 package x\n",
			"var/run/ko/k":     "0:0 0644 k",
			"var/run/ko/d/l":   "0:0 0644 l",
		} {
			f, ok := all[path]
			if !ok {
				t.Errorf("%s: no %s", platform, path)
				continue
			}
			if got := fmt.Sprintf("%d:%d %04o %s", f.header.Uid, f.header.Gid, f.header.Mode, f.data); got != want {
				t.Errorf("%s: %s is %q, want %q", platform, path, got, want)
			}
		}
		if _, ok := all["web/c.css"]; ok {
			t.Errorf("%s: a file that the pattern does not match", platform)
		}
		if link := all["etc/x"].header; link == nil || link.Linkname != "../data/x.dat" {
			t.Errorf("%s: link is %+v", platform, link)
		}
		// VFS_CAP_REVISION_2, effective; bits 10 and 13 permitted, in little-endian words.
		const caps = "\x01\x00\x00\x02\x00\x24\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		if got := all["usr/local/bin/tiny"].header.PAXRecords["SCHILY.xattr.security.capability"]; got != caps {
			t.Errorf("%s: capabilities are %q", platform, got)
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(cfg.Config.Env, "KO_DATA_PATH=/var/run/ko") {
			t.Errorf("%s: environment %q", platform, cfg.Config.Env)
		}
	}

	write(t, dir+"/Dockerfile", strings.Replace(spec, "sha256:", "sha256:0000", 1))
	if _, err := tryBuild(t, k, request{dir: dir}); err == nil || !strings.Contains(err.Error(), "[bad-checksum]") {
		t.Errorf("a checksum that is none: %v", err)
	}
	other := fmt.Sprintf("%x", sha256.Sum256([]byte("other")))
	write(t, dir+"/Dockerfile", strings.Replace(spec, fmt.Sprintf("%x", sha256.Sum256(served)), other, 1))
	if _, err := tryBuild(t, k, request{dir: dir}); err == nil || !strings.Contains(err.Error(), "digest mismatch") {
		t.Errorf("another content than the checksum says: %v", err)
	}
}

// TestSystemFiles has what an image on scratch holds besides the program: one layer for all
// architectures and images.
func TestSystemFiles(t *testing.T) {
	k := kit(t)
	build(t, k, request{dir: project(t, tiny), platforms: "linux/amd64,linux/arm64", push: "test/system:1"})
	layers := map[v1.Hash]int{}
	for platform, img := range pull(t, k, "test/system:1") {
		all := contents(t, img)
		for path, want := range map[string]string{
			"etc/passwd":                        "nonroot:x:65532:65532:",
			"etc/group":                         "nonroot:x:65532:",
			"etc/ssl/certs/ca-certificates.crt": "-----BEGIN CERTIFICATE-----",
			"usr/share/zoneinfo/Europe/Berlin":  "TZif",
		} {
			f, ok := all[path]
			if !ok || !strings.Contains(string(f.data), want) || f.header.Mode != 0o644 || !f.header.ModTime.Equal(time.Unix(0, 0)) {
				t.Errorf("%s: %s: %+v", platform, path, f.header)
			}
		}
		if tmp := all["tmp/"].header; tmp == nil || tmp.Mode&0o1777 != 0o1777 {
			t.Errorf("%s: /tmp: %+v", platform, tmp)
		}
		list, err := img.Layers()
		if err != nil {
			t.Fatal(err)
		}
		id, err := list[0].DiffID()
		if err != nil {
			t.Fatal(err)
		}
		layers[id]++
	}
	if len(layers) != 1 {
		t.Errorf("layers %v, want one for both", layers)
	}
	bare := with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nimages: {tiny: {certs: false}}\n"})
	res := build(t, k, request{dir: project(t, bare)})
	for name := range res.data {
		if !strings.HasPrefix(name, "usr/") || strings.HasPrefix(name, "usr/share/") {
			t.Errorf("without certs there is %s", name)
		}
	}
}

// TestConfigAndAnnotations has what no other test has of configs and annotations, and build args.
func TestConfigAndAnnotations(t *testing.T) {
	k := kit(t)
	dir := project(t, with(tiny, map[string]string{"Dockerfile": `# syntax=acme/xbuild
args: {channel: stable}
images:
  tiny:
    binaries: [{name: tiny, path: /opt/run}]
    user: "1"
    labels: {channel: "{{.Args.channel}}"}
    healthcheck: {test: [CMD, /opt/run, health], interval: 30s, timeout: 1m30s, start-period: 2s, retries: 4}
    annotations:
      a: manifest
      "index:b": index
      "manifest-descriptor,index-descriptor:c": descriptors
    variants: {tiny-v3: {goamd64: v3}}
`}))
	build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64", push: "test/config:2", attrs: map[string]string{"build-arg:channel": "beta"}})
	index, err := k.Registry.Index(t.Context(), "test/config:2")
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if manifest.Annotations["b"] != "index" {
		t.Errorf("the index has %v", manifest.Annotations)
	}
	for _, d := range manifest.Manifests {
		if d.Annotations["c"] != "descriptors" {
			t.Errorf("a descriptor has %v", d.Annotations)
		}
	}
	for platform, img := range pull(t, k, "test/config:2") {
		m, err := img.Manifest()
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if m.Annotations["a"] != "manifest" || cfg.Config.Labels["channel"] != "beta" || !slices.Equal(cfg.Config.Entrypoint, []string{"/opt/run"}) {
			t.Errorf("%s: %v %+v", platform, m.Annotations, cfg.Config)
		}
		want := v1.HealthConfig{Test: []string{"CMD", "/opt/run", "health"}, Interval: 30 * time.Second, Timeout: 90 * time.Second, StartPeriod: 2 * time.Second, Retries: 4}
		if got := cfg.Config.Healthcheck; got == nil || toJSON(t, *got) != toJSON(t, want) {
			t.Errorf("%s: health check %+v", platform, got)
		}
		if _, ok := contents(t, img)["opt/run"]; !ok {
			t.Errorf("%s: no /opt/run", platform)
		}
	}
	res := build(t, k, request{dir: dir, platforms: "linux/amd64", attrs: map[string]string{"target": "tiny-v3"}})
	info, err := buildinfo.Read(bytes.NewReader(res.data["opt/run"]))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.String(), "GOAMD64=v3") {
		t.Errorf("the variant is %s", info)
	}
}

// TestWindowsBase builds upon a base that is named for Windows, whose version the image gets.
func TestWindowsBase(t *testing.T) {
	k := kit(t)
	img, err := localkit.NewImage("windows/amd64:10.0.20348.1", v1.Config{Env: []string{"A=b"}}, localkit.Files{"/Files/a": {}})
	if err != nil {
		t.Fatal(err)
	}
	index, err := localkit.NewIndex(img)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Registry.Push(t.Context(), "test/nano:1", index); err != nil {
		t.Fatal(err)
	}
	dir := project(t, with(tiny, map[string]string{"Dockerfile": "# syntax=acme/xbuild\nimages: {tiny: {user: '1', base: {windows: \"test/nano:1\"}}}\n"}))
	build(t, k, request{dir: dir, platforms: "windows/amd64,linux/amd64", push: "test/windows:1"})
	images := pull(t, k, "test/windows:1")
	built := images["windows/amd64:10.0.20348.1"]
	if built == nil {
		t.Fatalf("platforms %v", sortedNames(images))
	}
	cfg, err := built.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if cfg.OSVersion != "10.0.20348.1" || !slices.Contains(cfg.Config.Env, "A=b") {
		t.Errorf("config %+v", cfg)
	}
	if cfg, err := images["linux/amd64"].ConfigFile(); err != nil || len(cfg.RootFS.DiffIDs) != 2 {
		t.Errorf("on scratch: %+v %v", cfg, err)
	}
}
