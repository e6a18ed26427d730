package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/plan"
)

const pureAndC = "binaries:\n  pure: ./pure\n  c: {main: ./c, cgo: true}\n"

// TestCC has a compiler step for each target of the binaries with cgo, below all that compiles
// for them, and below nothing else.
func TestCC(t *testing.T) {
	p, err := plan.New(parse(t, pureAndC), facts(requires, "pure", "c"), request("binaries", "linux/arm64", "linux/arm/v7"))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(steps[plan.CC](p)); n != 2 {
		t.Errorf("%d compiler steps, want one for each platform", n)
	}
	for _, c := range steps[plan.Compile](p) {
		deps := p.Steps[c.Deps].(plan.Deps)
		std := p.Steps[deps.Std].(plan.Std)
		on := []plan.StepID{c.Toolchain, deps.Toolchain, std.Toolchain}
		if c.Binary == "pure" {
			if _, ok := p.Steps[c.Toolchain].(plan.Prune); !ok || on[1] != plan.NoStep || on[2] != plan.NoStep {
				t.Errorf("pure Go is compiled on %v", on)
			}
			continue
		}
		cc, ok := p.Steps[c.Toolchain].(plan.CC)
		if !ok || on[1] != on[0] || on[2] != on[0] || cc.Platform.Architecture != c.Platform.Architecture {
			t.Errorf("C for %v is compiled on %v", c.Platform, on)
		}
	}
}

// TestCCShared has one step for binaries that want the same, another where one wants more.
func TestCCShared(t *testing.T) {
	const two = "build: {cgo: true}\nbinaries: {a: ./a, b: ./b}"
	for spec, want := range map[string]int{
		two: 1,
		"build: {cgo: true}\nbinaries: {a: ./a, b: {main: ./b, cgo: {libs: [zlib1g-dev]}}}": 2,
	} {
		p, err := plan.New(parse(t, spec), facts(requires, "a", "b"), request("binaries", "linux/arm64"))
		if err != nil {
			t.Fatal(err)
		}
		if cc, deps := len(steps[plan.CC](p)), len(steps[plan.Deps](p)); cc != want || deps != want {
			t.Errorf("%s: %d compiler steps and %d of dependencies, want %d", spec, cc, deps, want)
		}
	}
}

// TestCCTarget has what the compilers call the platforms.
func TestCCTarget(t *testing.T) {
	for _, tt := range []struct{ platform, cgo, want string }{
		{"linux/amd64", "true", "x86_64-linux-gnu amd64 x86_64-linux-gnu"},
		{"linux/arm64", "{static: true}", "aarch64-linux-gnu arm64 aarch64-linux-musl"},
		{"linux/arm", "true", "arm-linux-gnueabihf armhf arm-linux-gnueabihf"},
		{"linux/arm/v7", "{static: true}", "arm-linux-gnueabihf armhf arm-linux-musleabihf"},
		{"linux/arm/v6", "true", "arm-linux-gnueabi armel "},
		{"linux/arm/v5", "true", "arm-linux-gnueabi armel "},
		{"linux/386", "true", "i686-linux-gnu i386 x86-linux-gnu"},
		{"linux/ppc64le", "true", "powerpc64le-linux-gnu ppc64el powerpc64le-linux-gnu"},
		{"linux/mips64le", "true", "mips64el-linux-gnuabi64 mips64el "},
		{"windows/amd64", "{cc: zig, static: true}", "  x86_64-windows-gnu"},
		{"darwin/arm64", "{cc: oa64-clang}", "  "},
	} {
		p, err := plan.New(parse(t, "build: {cgo: "+tt.cgo+"}"), facts(requires, "."), request("binaries", tt.platform))
		if err != nil {
			t.Errorf("%s: %v", tt.platform, err)
			continue
		}
		cc := steps[plan.CC](p)[0]
		if got := strings.Join([]string{cc.GNU, cc.Debian, cc.Zig}, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.platform, got, tt.want)
		}
	}
}

// TestCCMistakes has the platforms and settings for which there is no compiler.
func TestCCMistakes(t *testing.T) {
	for _, tt := range []struct{ platform, spec, want string }{
		{"windows/amd64", "build: {cgo: true}", `x.yaml:1:14: binary "app": Debian has no C compiler for windows/amd64; set cc: zig with an image that has it, or cc: to another compiler of the image that go.image names [no-c-compiler]`},
		{"darwin/arm64", "build: {cgo: true}", `x.yaml:1:14: binary "app": Debian has no C compiler for darwin/arm64; set cc: to one of the image that go.image names [no-c-compiler]`},
		{"darwin/arm64", "build: {cgo: {cc: zig}}", `x.yaml:1:14: binary "app": zig brings no C library for darwin/arm64 [no-c-compiler]`},
		{"linux/arm/v6", "build: {cgo: {cc: zig}}", `x.yaml:1:14: binary "app": zig is not used for linux/arm/v6; it is for linux/386, linux/amd64, linux/arm, linux/arm64, linux/loong64, linux/ppc64le, linux/riscv64, linux/s390x [no-c-compiler]`},
		{"wasip1/wasm", "build: {cgo: true}", `x.yaml:1:14: binary "app": Go has no cgo for wasip1/wasm [no-c-compiler]`},
		{"linux/arm64", "build: {cgo: {cc: zig, libs: [zlib1g-dev]}}", `x.yaml:1:14: binary "app": libs are packages of Debian, which zig does not look for; set cc: gcc [no-c-compiler]`},
		{"linux/arm64", "binaries: {app: {main: ., buildmode: c-shared, cgo: {static: true}}}", `x.yaml:1:53: binary "app": static: true is for programs; a c-shared gets its C library from what loads it [static-library]`},
	} {
		_, err := plan.New(parse(t, tt.spec), facts(requires, "."), request("binaries", tt.platform))
		if err == nil {
			t.Errorf("%s of %s: no mistake", tt.platform, tt.spec)
			continue
		}
		if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.platform, diff)
		}
	}
}

// TestStaticFlags has the linker's flags of a static program, the spec's own among them.
func TestStaticFlags(t *testing.T) {
	for _, tt := range []struct{ build, want string }{
		{"", "-s -w -linkmode=external -extldflags=-static"},
		{"ldflags: [-X main.a=1]", "-s -w -linkmode=external -extldflags=-static -X main.a=1"},
		{`ldflags: ["-extldflags=-Wl,-z,now"]`, "-s -w -linkmode=external -extldflags=-static '-extldflags=-Wl,-z,now -static'"},
		{`ldflags: ["-extldflags '-Wl,-z,now -g'"]`, "-s -w -linkmode=external -extldflags=-static -extldflags '-Wl,-z,now -g -static'"},
		{"buildmode: pie", "-s -w -linkmode=external -extldflags=-static-pie"},
	} {
		p, err := plan.New(parse(t, "build:\n  cgo: {static: true}\n  tags: [a]\n  "+tt.build), facts(requires, "."), request("binaries"))
		if err != nil {
			t.Fatal(err)
		}
		flags := steps[plan.Compile](p)[0].Flags
		if !slices.Contains(flags, "-ldflags="+tt.want) || !slices.Contains(flags, "-tags=a,netgo,osusergo") {
			t.Errorf("%s: the flags are %q, want %s", tt.build, flags, tt.want)
		}
	}
}
