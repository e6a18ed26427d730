package spec_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/spec"
)

func TestPlatformsAreThoseOfGo(t *testing.T) {
	out, err := exec.Command("go", "tool", "dist", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := slices.DeleteFunc(strings.Fields(string(out)), func(p string) bool {
		return strings.HasPrefix(p, "android/") || strings.HasPrefix(p, "ios/")
	})
	slices.Sort(want)
	if diff := cmp.Diff(want, spec.Platforms()); diff != "" {
		t.Errorf("(-go tool dist list +Platforms)\n%s", diff)
	}
}

func TestParsePlatform(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"linux/amd64", "linux/amd64"},
		{"linux/x86_64", "linux/amd64"},
		{"linux/x86-64", "linux/amd64"},
		{"Linux/AMD64", "linux/amd64"},
		{"linux/amd64/v1", "linux/amd64"},
		{"linux/amd64/v3", "linux/amd64/v3"},
		{"linux/aarch64", "linux/arm64"},
		{"linux/arm64/v8", "linux/arm64"},
		{"linux/arm64/8", "linux/arm64"},
		{"linux/arm64/v8.2", "linux/arm64/v8.2"},
		{"linux/arm64/v9", "linux/arm64/v9"},
		{"linux/arm", "linux/arm/v7"},
		{"linux/arm/7", "linux/arm/v7"},
		{"linux/arm/v5", "linux/arm/v5"},
		{"linux/armhf", "linux/arm/v7"},
		{"linux/armel", "linux/arm/v6"},
		{"linux/i386", "linux/386"},
		{"linux/riscv64", "linux/riscv64"},
		{"macos/arm64", "darwin/arm64"},
		{"wasip1/wasm", "wasip1/wasm"},
	} {
		p, err := spec.ParsePlatform(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := platforms.FormatAll(p); got != tt.want {
			t.Errorf("%s is %s, want %s", tt.in, got, tt.want)
		}
		if got := platforms.Normalize(p); !cmp.Equal(got, p) {
			t.Errorf("%s gives %+v, which is not normalized: %+v", tt.in, p, got)
		}
	}
	for _, p := range spec.Platforms() {
		if _, err := spec.ParsePlatform(p); err != nil {
			t.Error(err)
		}
	}
}

func TestParsePlatformError(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"linux/arm46", `Go has no platform "linux/arm46" (did you mean "linux/arm64"?)`},
		{"linux", `platform "linux" is not of the form os/arch[/variant]`},
		{"", `platform "" is not of the form os/arch[/variant]`},
		{"linux//v7", `platform "linux//v7" is not of the form os/arch[/variant]`},
		{"linux/arm/v4", `platform "linux/arm/v4": the variants of arm are v5, v6 and v7`},
		{"linux/amd64/4", `platform "linux/amd64/4": the variants of amd64 are v1 to v4 (did you mean "linux/amd64/v4"?)`},
	} {
		if _, err := spec.ParsePlatform(tt.in); err == nil || err.Error() != tt.want {
			t.Errorf("%q\ngot  %v\nwant %s", tt.in, err, tt.want)
		}
	}
}

func TestMatchPlatform(t *testing.T) {
	for _, tt := range []struct {
		pattern, platform string
		want              bool
	}{
		{"linux", "linux/arm/v6", true},
		{"linux/arm", "linux/arm/v6", true},
		{"linux/arm/v6", "linux/arm/v6", true},
		{"linux/arm/v7", "linux/arm", true},
		{"linux/*/v6", "linux/arm/v6", true},
		{"*/arm64", "darwin/arm64", true},
		{"*", "windows/amd64", true},
		{"linux/amd64/*", "linux/amd64", true},
		{"windows", "linux/amd64", false},
		{"*/arm64", "linux/arm", false},
		{"linux/arm/v6", "linux/arm/v7", false},
		{"linux/arm64/v9", "linux/arm64", false},
	} {
		p, err := spec.ParsePlatform(tt.platform)
		if err != nil {
			t.Fatal(err)
		}
		if got := spec.MatchPlatform(tt.pattern, p); got != tt.want {
			t.Errorf("%s stands for %s: %t, want %t", tt.pattern, tt.platform, got, tt.want)
		}
	}
}
