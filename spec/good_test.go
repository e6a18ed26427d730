package spec_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

var ignorePlaces cmp.Option = cmpopts.IgnoreUnexported(spec.Spec{})

func parseFile(t *testing.T, name string) *spec.Spec {
	t.Helper()
	data, err := os.ReadFile("testdata/good/" + name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := spec.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	on, off = spec.CGo{Enabled: true}, spec.CGo{}

	shop = spec.Spec{
		Name:      "shop",
		Platforms: []string{"linux/amd64", "linux/arm64", "linux/arm/v6"},
		Default:   "shop",
		Go: spec.Go{
			Version: "1.30",
			Image:   "golang:1.30-alpine",
			Env:     map[string]string{"GOEXPERIMENT": "jsonv2", "GOPRIVATE": "*.corp.example.com"},
		},
		Build: spec.Build{
			CGo:     &off,
			Flags:   []string{"-mod=readonly"},
			LDFlags: []string{"-X main.version={{.Version}}"},
			Tags:    []string{"netgo"},
			Env:     map[string]string{"CGO_CFLAGS": "-O2"},
		},
		Binaries: map[string]spec.Binary{
			"shop": {Main: "./cmd/shop"},
			"worker": {
				Main: "./cmd/worker",
				Build: spec.Build{
					CGo: &on, Flags: []string{"-race"}, GCFlags: []string{"all=-N"}, ASMFlags: []string{"-S"}, BuildMode: "pie",
					Levels: spec.Levels{GOAMD64: "v3", GOARM: "6,softfloat", GOARM64: "v8.2,lse", GO386: "sse2", GOMIPS: "hardfloat",
						GOMIPS64: "softfloat", GOPPC64: "power9", GORISCV64: "rva22u64"},
				},
			},
		},
		Images: map[string]spec.Image{
			"shop": {
				Binaries:    []spec.ImageBinary{{Name: "shop"}, {Name: "worker"}},
				Base:        spec.Base{"": "scratch"},
				Files:       []spec.File{{From: "./web/dist", To: "/srv/web", Mode: "0444"}, {From: "README.md", To: "/"}},
				User:        "65532:65532",
				Entrypoint:  []string{"/usr/local/bin/shop"},
				Cmd:         []string{"serve", "--port", "8080", ""},
				Env:         map[string]string{"LOG": "info", "DEBUG": "false", "EMPTY": ""},
				WorkDir:     "/",
				Ports:       []string{"8080/tcp", "9090", "8000-8010/udp"},
				Volumes:     []string{"/data"},
				Labels:      map[string]string{"team": "shop", "1": "one"},
				Annotations: map[string]string{"org.opencontainers.image.title": "Shop"},
				StopSignal:  "SIGTERM",
			},
			"worker": {},
		},
		Cache: spec.Cache{Registry: "ghcr.io/acme/shop:buildcache"},
	}

	// sample is the spec of every key.
	sample = spec.Spec{
		Name:      "shop",
		Platforms: []string{"linux/amd64", "linux/arm64"},
		Default:   "shop",
		Go: spec.Go{
			Version:  "1.26",
			Image:    "golang:1.26-alpine",
			Env:      map[string]string{"GOEXPERIMENT": "jsonv2"},
			Proxy:    "https://proxy.golang.org,direct",
			Parallel: 4,
			Private:  map[string]spec.Private{"github.com/acme": {Secret: "github-token"}},
		},
		Args: map[string]string{"channel": "stable"},
		Build: spec.Build{
			CGo:     &off,
			Flags:   []string{"-mod=readonly"},
			LDFlags: []string{"-X main.version={{.Version}}"},
			Tags:    []string{"netgo"},
			Env:     map[string]string{"CGO_CFLAGS": "-O2"},
		},
		Binaries: map[string]spec.Binary{
			"shop": {Main: "./cmd/shop"},
			"worker": {
				Main: "./cmd/worker",
				Build: spec.Build{
					GCFlags: []string{"all=-N"}, BuildMode: "pie", PGO: "auto",
					Levels: spec.Levels{GOAMD64: "v3"},
				},
				Overrides: []spec.Override{{Platform: "linux/arm64", Env: map[string]string{"GOARM64": "v8.2"}}},
			},
			"importer": {
				Main:  "./cmd/importer",
				Build: spec.Build{CGo: &spec.CGo{Enabled: true, CC: "gcc", Libs: []string{"libsqlite3-dev"}, Static: true}},
			},
		},
		Images: map[string]spec.Image{
			"shop": {
				Binaries: []spec.ImageBinary{{Name: "shop"}, {Name: "worker"}},
				Base:     spec.Base{"": "scratch"},
				Files: []spec.File{
					{From: "./web/dist", To: "/srv/web", Mode: "0444"},
					{Image: "alpine", From: "/etc/services", To: "/etc/services"},
					{URL: "https://example.com/x.dat", Checksum: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", To: "/x.dat"},
				},
				Certs:        new(true),
				User:         "65532:65532",
				Entrypoint:   []string{"/usr/local/bin/shop"},
				Cmd:          []string{"serve"},
				Env:          map[string]string{"LOG": "info"},
				WorkDir:      "/",
				Ports:        []string{"8080/tcp"},
				Volumes:      []string{"/data"},
				Labels:       map[string]string{"team": "shop"},
				Annotations:  map[string]string{"org.opencontainers.image.title": "Shop"},
				StopSignal:   "SIGTERM",
				Healthcheck:  &spec.Healthcheck{Test: []string{"CMD", "/usr/local/bin/shop", "health"}, Interval: "30s"},
				Capabilities: map[string]string{"/usr/local/bin/shop": "cap_net_bind_service=+ep"},
				Variants:     map[string]spec.Levels{"shop-v3": {GOAMD64: "v3"}},
				Debug:        true,
			},
		},
		Dist:   spec.Dist{Archive: "auto", Files: []string{"README.md", "LICENSE"}},
		Test:   spec.Test{Packages: []string{"./..."}, Vet: new(true)},
		Checks: spec.Checks{Skip: []string{"root-user"}},
		Cache:  spec.Cache{Registry: "ghcr.io/acme/shop:buildcache", Seed: "ghcr.io/acme/shop:seed", Deps: new(true)},
	}

	// more is what sample does not show.
	more = spec.Spec{
		Platforms: []string{"linux/amd64/v3", "linux/arm", "windows/amd64"},
		Go: spec.Go{
			Image: "golang:{{.Args.go}}",
			Proxy: "file:///mod|https://proxy.example.com",
			Private: map[string]spec.Private{
				"*.corp.example.com":   {Netrc: "corp"},
				"git.example.com/team": {SSH: "default"},
				"localhost:3000":       {Secret: "local"},
			},
		},
		Args: map[string]string{"go": "1.26", "user": "65532", "host": "registry.example.com", "empty": ""},
		Build: spec.Build{
			ASMFlags: []string{"-S"},
			Levels: spec.Levels{
				GOAMD64: "v2", GOARM: "6", GOARM64: "v8.2,lse", GO386: "softfloat", GOMIPS: "softfloat",
				GOMIPS64: "softfloat", GOPPC64: "power9", GORISCV64: "rva22u64",
			},
		},
		Binaries: map[string]spec.Binary{
			"shop": {
				Main:  "./cmd/shop",
				Build: spec.Build{PGO: "./cmd/shop/cpu.pprof"},
				Overrides: []spec.Override{
					{
						Platform: "linux", Flags: []string{"-mod=vendor"}, LDFlags: []string{"-X main.os={{.OS}}"},
						Tags: []string{"epoll"}, Levels: spec.Levels{GOAMD64: "v4"},
					},
					{Platform: "*/arm64"},
					{Platform: "linux/arm/v7", Levels: spec.Levels{GOARM: "7,softfloat"}},
				},
			},
			"lib": {
				Main: "./cmd/lib",
				Build: spec.Build{
					BuildMode: "c-shared",
					CGo:       &spec.CGo{Enabled: true, Packages: []string{"pkg-config=1.8.1-1"}, Snapshot: "20260801T000000Z"},
				},
			},
		},
		Images: map[string]spec.Image{
			"shop": {
				Binaries: []spec.ImageBinary{{Name: "shop"}, {Name: "lib", Path: "/usr/lib/libshop.so"}},
				Base:     spec.Base{"linux": "{{.Args.host}}/base", "windows": "mcr.microsoft.com/windows/nanoserver:ltsc2025"},
				Files: []spec.File{
					{From: "web/*.html", To: "/srv/", Owner: "65532:65532"},
					{Link: "../lib/libshop.so", To: "/usr/lib64/libshop.so"},
					{Image: "{{.Args.host}}/tools", From: "/usr/share/[a-z]*", To: "/usr/share/"},
					{URL: "https://example.com/x.dat", Checksum: "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", To: "/srv/", Mode: "0400"},
				},
				Certs:       new(false),
				User:        "{{.Args.user}}",
				WorkDir:     "/{{.Args.empty}}",
				Entrypoint:  []string{"/usr/local/bin/{{.Args.user}}"},
				Annotations: map[string]string{"index,manifest-descriptor:org.example.version": "{{.Version}}"},
				Healthcheck: &spec.Healthcheck{
					Test: []string{"CMD-SHELL", "shop health"}, Interval: "1m30s", Timeout: "5s",
					StartPeriod: "10s", StartInterval: "1s", Retries: 5,
				},
				Capabilities: map[string]string{"/usr/local/bin/shop": "cap_net_raw,cap_net_admin+ep"},
				Variants:     map[string]spec.Levels{"shop-v3": {GOAMD64: "v3", GOARM64: "v9.0"}, "shop-v4": {GOAMD64: "v4"}},
			},
			"plain": {
				Binaries:    []spec.ImageBinary{{Name: "shop"}},
				Entrypoint:  []string{"/usr/local/bin/shop"},
				Healthcheck: &spec.Healthcheck{Test: []string{"NONE"}},
			},
		},
		Dist:   spec.Dist{Archive: "tar.gz"},
		Test:   spec.Test{Packages: []string{".", "./cmd/..."}, Race: true, Vet: new(false), Network: true},
		Checks: spec.Checks{Skip: []string{"unpinned-base", "unused-binary", "needs-loader", "shared-variant"}},
		Cache:  spec.Cache{Deps: new(false)},
	}

	alias = spec.Spec{
		Build: spec.Build{CGo: &on, Env: map[string]string{"A": "a", "B": "b"}},
		Binaries: map[string]spec.Binary{
			"a": {
				Main:  "./cmd/a",
				Build: spec.Build{CGo: &on, Tags: []string{"x"}, Env: map[string]string{"A": "a", "B": "b"}},
			},
			"b": {
				Main:  "./cmd/b",
				Build: spec.Build{CGo: &on, Tags: []string{"y"}, Env: map[string]string{"A": "a", "B": "c"}},
			},
			"c": {Main: "./cmd/a", Build: spec.Build{CGo: &on}},
		},
		Images: map[string]spec.Image{
			"a": {Binaries: []spec.ImageBinary{{Name: "a"}, {Name: "b"}}, Labels: map[string]string{"A": "a", "B": "b"}},
			"b": {Binaries: []spec.ImageBinary{{Name: "a"}, {Name: "b"}}, Labels: map[string]string{"A": "a", "B": "b"}, User: "nobody"},
		},
	}
)

func TestGood(t *testing.T) {
	for name, want := range map[string]spec.Spec{"shop.yaml": shop, "sample.yaml": sample, "more.yaml": more, "alias.yaml": alias} {
		if diff := cmp.Diff(want, *parseFile(t, name), ignorePlaces); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
		if err := want.Validate(); err != nil {
			t.Errorf("%s: the same spec, built in Go, is not valid: %v", name, err)
		}
	}
}

func TestCRLF(t *testing.T) {
	s, err := spec.Parse("f", []byte("\ufeffname: shop\r\nplatforms:\r\n  - linux/amd64\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := spec.Spec{Name: "shop", Platforms: []string{"linux/amd64"}}
	if diff := cmp.Diff(want, *s, ignorePlaces); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := s.Pos("platforms", 0).String(); got != "f:3:5" {
		t.Errorf("Pos is %s", got)
	}
}

func TestPos(t *testing.T) {
	files := map[string]*spec.Spec{}
	for _, tt := range []struct {
		file       string
		path       []any
		value, key string
	}{
		{"shop.yaml", nil, "2:1", "2:1"},
		{"shop.yaml", []any{"name"}, "2:7", "2:1"},
		{"shop.yaml", []any{"platforms", 1}, "3:26", "3:26"},
		{"shop.yaml", []any{"go", "version"}, "7:12", "7:3"},
		{"shop.yaml", []any{"binaries", "shop"}, "19:9", "19:3"},
		{"shop.yaml", []any{"binaries", "shop", "main"}, "19:9", "19:9"},
		{"shop.yaml", []any{"binaries", "worker", "main"}, "21:11", "21:5"},
		{"shop.yaml", []any{"images", "shop", "files", 0, "mode"}, "41:48", "41:42"},
		{"shop.yaml", []any{"images", "shop", "files", 1}, "42:9", "42:9"},
		{"shop.yaml", []any{"images", "shop", "files", 1, "to"}, "43:13", "43:9"},
		{"shop.yaml", []any{"images", "shop", "cmd", 3}, "46:32", "46:32"},
		{"shop.yaml", []any{"images", "shop", "env", "DEBUG"}, "47:29", "47:22"},

		// Absent: the nearest ancestor.
		{"shop.yaml", []any{"binaries", "shop", "cgo"}, "19:9", "19:3"},
		{"shop.yaml", []any{"images", "shop", "files", 2, "from"}, "41:7", "40:5"},
		{"shop.yaml", []any{"images", "shop", "files", -1}, "41:7", "40:5"},
		{"shop.yaml", []any{"images", "worker", "user"}, "54:3", "54:3"},
		{"shop.yaml", []any{"images", "other", "user"}, "37:3", "36:1"},
		{"shop.yaml", []any{"name", "x", 0, 1.5}, "2:7", "2:1"},
		{"shop.yaml", []any{"platforms", "x"}, "3:12", "3:1"},
		{"shop.yaml", []any{"images", 0}, "37:3", "36:1"},
		{"shop.yaml", []any{"test"}, "2:1", "2:1"},

		// Where it is written, not where it is merged or aliased.
		{"alias.yaml", []any{"binaries", "a", "env", "A"}, "4:17", "4:14"},
		{"alias.yaml", []any{"binaries", "b", "main"}, "12:17", "12:11"},
		{"alias.yaml", []any{"binaries", "b", "tags", 0}, "11:12", "11:12"},
		{"alias.yaml", []any{"binaries", "b", "env", "A"}, "4:17", "4:14"},
		{"alias.yaml", []any{"binaries", "b", "env", "B"}, "15:10", "15:7"},
		{"alias.yaml", []any{"binaries", "c", "main"}, "8:11", "16:7"},
		{"alias.yaml", []any{"images", "a", "labels"}, "4:8", "18:30"},
		{"alias.yaml", []any{"images", "b", "labels", "B"}, "4:23", "4:20"},
		{"alias.yaml", []any{"images", "b", "user"}, "19:23", "19:17"},
	} {
		s := files[tt.file]
		if s == nil {
			s = parseFile(t, tt.file)
			files[tt.file] = s
		}
		if got, want := s.Pos(tt.path...).String(), tt.file+":"+tt.value; got != want {
			t.Errorf("Pos(%v) = %s, want %s", tt.path, got, want)
		}
		if got, want := s.KeyPos(tt.path...).String(), tt.file+":"+tt.key; got != want {
			t.Errorf("KeyPos(%v) = %s, want %s", tt.path, got, want)
		}
	}
	if got := files["shop.yaml"].Filename(); got != "shop.yaml" {
		t.Errorf("Filename is %q", got)
	}
}

func TestPosBuiltInGo(t *testing.T) {
	if got := shop.Pos("images", "shop"); got != (diag.Pos{}) {
		t.Errorf("Pos is %v", got)
	}
	if got := shop.KeyPos(); got != (diag.Pos{}) {
		t.Errorf("KeyPos is %v", got)
	}
}
