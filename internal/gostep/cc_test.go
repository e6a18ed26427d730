package gostep

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestChooseCompiler has what each kind of toolchain image gets.
func TestChooseCompiler(t *testing.T) {
	arm := CC{Target: "linux/arm64", GNU: "aarch64-linux-gnu", Debian: "arm64", Zig: "aarch64-linux-musl"}
	with := func(c CC, change func(*CC)) CC { change(&c); return c }
	const cross = "CC=aarch64-linux-gnu-gcc CXX=aarch64-linux-gnu-g++ AR=aarch64-linux-gnu-ar"
	const config = " PKG_CONFIG_LIBDIR=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig"
	for _, tt := range []struct {
		name     string
		cc       CC
		path     string // programs of the image
		env      string
		packages string
		foreign  string
		err      string
	}{
		{name: "Debian", cc: arm, path: "apt-get gcc", env: cross + config, packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"},
		{name: "the cross compiler is there", cc: arm, path: "aarch64-linux-gnu-gcc", env: cross + config},
		{name: "native", cc: with(arm, func(c *CC) { c.GNU, c.Debian = "x86_64-linux-gnu", "amd64" }), path: "gcc", env: "CC=gcc CXX=g++ AR=ar"},
		{name: "native without gcc", cc: with(arm, func(c *CC) { c.GNU, c.Debian = "x86_64-linux-gnu", "amd64" }), path: "apt-get", env: "CC=gcc CXX=g++ AR=ar", packages: "gcc libc6-dev"},
		{name: "zig", cc: arm, path: "zig", env: "CC=zig cc -target aarch64-linux-musl CXX=zig c++ -target aarch64-linux-musl AR=zig ar CGO_LDFLAGS=-O2 ZIG_GLOBAL_CACHE_DIR=/xbuild/zig"},
		{name: "zig beside apt-get", cc: arm, path: "zig apt-get gcc", env: "CC=zig cc -target aarch64-linux-musl CXX=zig c++ -target aarch64-linux-musl AR=zig ar CGO_LDFLAGS=-O2 ZIG_GLOBAL_CACHE_DIR=/xbuild/zig"},
		{name: "gcc where zig is", cc: with(arm, func(c *CC) { c.CC = "gcc" }), path: "zig apt-get", env: cross + config, packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"},
		{name: "zig that is not there", cc: with(arm, func(c *CC) { c.CC = "zig" }), path: "gcc apt-get", err: "cc: zig, but the toolchain image has no zig on its PATH"},
		{name: "libraries", cc: with(arm, func(c *CC) { c.Libs = []string{"zlib1g-dev", "libfoo-dev=1.2-3"} }), path: "zig apt-get", env: cross + config,
			packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross pkg-config zlib1g-dev:arm64 libfoo-dev:arm64=1.2-3", foreign: "arm64"},
		{name: "native libraries", cc: CC{GNU: "x86_64-linux-gnu", Debian: "amd64", Libs: []string{"zlib1g-dev"}}, path: "gcc pkg-config apt-get", env: "CC=gcc CXX=g++ AR=ar", packages: "zlib1g-dev"},
		{name: "g++ is the target's", cc: with(arm, func(c *CC) { c.Packages = []string{"g++", "cmake"} }), path: "apt-get aarch64-linux-gnu-gcc", env: cross + config, packages: "g++-aarch64-linux-gnu cmake"},
		{name: "386 has two names", cc: CC{GNU: "i686-linux-gnu", Debian: "i386"}, path: "i686-linux-gnu-gcc",
			env: "CC=i686-linux-gnu-gcc CXX=i686-linux-gnu-g++ AR=i686-linux-gnu-ar PKG_CONFIG_LIBDIR=/usr/lib/i386-linux-gnu/pkgconfig:/usr/share/pkgconfig"},
		{name: "clang", cc: with(arm, func(c *CC) { c.CC = "clang" }), path: "apt-get",
			env: "CC=clang --target=aarch64-linux-gnu CXX=clang++ --target=aarch64-linux-gnu AR=aarch64-linux-gnu-ar" + config, packages: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross clang"},
		{name: "another compiler", cc: with(arm, func(c *CC) { c.CC = "musl-gcc"; c.Packages = []string{"musl-tools"} }), path: "apt-get", env: "CC=musl-gcc" + config, packages: "musl-tools"},
		{name: "neither zig nor apt-get", cc: arm, path: "gcc", err: "cgo for linux/arm64 needs gcc-aarch64-linux-gnu, libc6-dev-arm64-cross, which the toolchain image lacks, and it has no apt-get to install it: " +
			"set go.image to one on Debian, as golang:1.26, or to one that has zig"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			has := func(name string) bool { return slices.Contains(strings.Fields(tt.path), name) }
			got, err := tt.cc.choose(has, "amd64")
			if fmt.Sprint(err) != tt.err && (err != nil || tt.err != "") {
				t.Fatalf("got the error %v, want %s", err, tt.err)
			}
			if err != nil {
				return
			}
			if env := strings.Join(got.env, " "); env != tt.env {
				t.Errorf("the environment is\n%s, want\n%s", env, tt.env)
			}
			if packages := strings.Join(got.packages, " "); packages != tt.packages || got.foreign != tt.foreign {
				t.Errorf("the packages are %s of %q, want %s of %q", packages, got.foreign, tt.packages, tt.foreign)
			}
		})
	}
}

// TestUseCompiler has the file of the cc step in the environment, the spec's own before it.
func TestUseCompiler(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cc.env")
	t.Setenv("CC", "")
	os.Unsetenv("CC")
	t.Setenv("CXX", "mine")
	if err := useCompiler(file); err != nil {
		t.Fatalf("without a file: %v", err)
	}
	if err := os.WriteFile(file, []byte("CC=zig cc -target x=y\nCXX=theirs\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := useCompiler(file); err != nil {
		t.Fatal(err)
	}
	if cc, cxx := os.Getenv("CC"), os.Getenv("CXX"); cc != "zig cc -target x=y" || cxx != "mine" {
		t.Errorf("CC is %q, CXX %q", cc, cxx)
	}
}

// TestSnapshot has the sources of packages at one time, in place of the image's own.
func TestSnapshot(t *testing.T) {
	root := t.TempDir()
	for name, content := range map[string]string{
		"etc/os-release":                        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n",
		"etc/apt/sources.list":                  "deb http://deb.debian.org/debian bookworm main\n",
		"etc/apt/sources.list.d/debian.sources": "Types: deb\n",
		"etc/apt/preferences.d/x":               "",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := (apt{root: root}).useSnapshot("20260801T000000Z"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, "etc/apt/sources.list"))
	const want = "deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/20260801T000000Z bookworm main\n" +
		"deb [check-valid-until=no] http://snapshot.debian.org/archive/debian/20260801T000000Z bookworm-updates main\n" +
		"deb [check-valid-until=no] http://snapshot.debian.org/archive/debian-security/20260801T000000Z bookworm-security main\n"
	if err != nil || string(got) != want {
		t.Errorf("the sources are\n%s%v, want\n%s", got, err, want)
	}
	if left, _ := os.ReadDir(filepath.Join(root, "etc/apt/sources.list.d")); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if _, err := snapshotSources("ID=ubuntu\nVERSION_CODENAME=noble\nPRETTY_NAME=Ubuntu\n", "20260801T000000Z"); err == nil || !strings.Contains(err.Error(), `the toolchain image is "Ubuntu"`) {
		t.Errorf("of Ubuntu: %v", err)
	}
}
