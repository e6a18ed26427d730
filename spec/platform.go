package spec

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/acme/xbuild/internal/diag"
)

// legalPlatforms are those of `go tool dist list` that are not mobile.
var legalPlatforms = []string{
	"aix/ppc64",
	"darwin/amd64", "darwin/arm64",
	"dragonfly/amd64",
	"freebsd/386", "freebsd/amd64", "freebsd/arm", "freebsd/arm64",
	"illumos/amd64",
	"js/wasm",
	"linux/386", "linux/amd64", "linux/arm", "linux/arm64", "linux/loong64", "linux/mips", "linux/mips64",
	"linux/mips64le", "linux/mipsle", "linux/ppc64", "linux/ppc64le", "linux/riscv64", "linux/s390x",
	"netbsd/386", "netbsd/amd64", "netbsd/arm", "netbsd/arm64",
	"openbsd/386", "openbsd/amd64", "openbsd/arm", "openbsd/arm64", "openbsd/ppc64", "openbsd/riscv64",
	"plan9/386", "plan9/amd64", "plan9/arm",
	"solaris/amd64",
	"wasip1/wasm",
	"windows/386", "windows/amd64", "windows/arm64",
}

// systems and architectures are the parts of legalPlatforms, each sorted.
var systems, architectures = parts(0), parts(1)

func parts(i int) (words []string) {
	for _, l := range legalPlatforms {
		words = append(words, strings.Split(l, "/")[i])
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// Platforms gives every os/arch that xbuild can build for, sorted.
func Platforms() []string { return slices.Clone(legalPlatforms) }

// variants are the legal third parts of a platform, normalized. An architecture
// that is not here has none.
var variants = map[string]struct {
	re    *regexp.Regexp
	legal string
}{
	"amd64": {regexp.MustCompile(`^v[1-4]$`), "v1 to v4"},
	"arm":   {regexp.MustCompile(`^v[5-7]$`), "v5, v6 and v7"},
	"arm64": {regexp.MustCompile(`^v(8(\.[0-9])?|9(\.[0-5])?)$`), "v8, v8.1 to v8.9, v9 and v9.1 to v9.5"},
}

// ParsePlatform reads os/arch[/variant] and gives it as [platforms.Normalize]
// does: linux/x86_64 is linux/amd64, linux/arm64/v8 is linux/arm64, linux/arm is
// linux/arm/v7. What Go can't build for is an error that names the nearest
// platform that it can.
func ParsePlatform(s string) (ocispecs.Platform, error) {
	p, msg, hint := parsePlatform(s)
	if msg != "" {
		return ocispecs.Platform{}, flaw{msg, hint}.err()
	}
	return p, nil
}

// parsePlatform gives with a non-empty msg what is wrong with s.
func parsePlatform(s string) (p ocispecs.Platform, msg, hint string) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || slices.Contains(parts, "") {
		return p, fmt.Sprintf("platform %s is not of the form os/arch[/variant]", quote(s)), nearestPlatform(s)
	}
	given := ocispecs.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		given.Variant = parts[2]
	}
	p = platforms.Normalize(given)
	base := p.OS + "/" + p.Architecture
	v, ok := variants[p.Architecture]
	switch {
	case p.OS == "android" || p.OS == "ios":
		return p, fmt.Sprintf("platform %s: mobile platforms are not supported", quote(s)), ""
	case strings.Contains(p.OS, "("):
		return p, fmt.Sprintf("platform %s: a version of the OS is not supported", quote(s)), nearestPlatform(s)
	case !slices.Contains(legalPlatforms, base):
		return p, fmt.Sprintf("Go has no platform %s", quote(s)), nearestPlatform(s)
	case p.Variant == "":
		return p, "", ""
	case !ok:
		return p, fmt.Sprintf("platform %s: %s has no variants", quote(s), p.Architecture), base
	case !v.re.MatchString(p.Variant):
		return p, fmt.Sprintf("platform %s: the variants of %s are %s", quote(s), p.Architecture, v.legal), variantHint(base, given.Variant)
	}
	return p, "", ""
}

// variantHint gives the platform with "v" before the variant, if that is one.
func variantHint(base, variant string) string {
	if strings.HasPrefix(variant, "v") {
		return ""
	}
	return oneOf(base+"/v"+variant, func(s string) bool {
		_, msg, _ := parsePlatform(s)
		return msg == ""
	})
}

// otherNames are names of architectures that are understood only to give a hint.
var otherNames = map[string]string{
	"x86": "386", "i686": "386", "x64": "amd64", "armv5": "arm", "armv6": "arm", "armv7": "arm", "armv8": "arm64",
}

// nearestPlatform gives the legal platform that was probably meant, or "".
func nearestPlatform(s string) string {
	os, arch, _ := strings.Cut(s, "/")
	arch, _, _ = strings.Cut(arch, "/")
	os, _, _ = strings.Cut(os, "(")
	if arch == "" { // an architecture alone is one of linux
		os, arch = "linux", os
	}
	if other := otherNames[arch]; other != "" {
		arch = other
	}
	p := platforms.Normalize(ocispecs.Platform{OS: os, Architecture: arch})
	os = nearestWord(p.OS, systems)
	var archs []string
	for _, l := range legalPlatforms {
		if arch, ok := strings.CutPrefix(l, os+"/"); ok {
			archs = append(archs, arch)
		}
	}
	arch = nearestWord(p.Architecture, archs)
	if arch == "" {
		return ""
	}
	return os + "/" + arch
}

// nearestWord gives the word that was probably meant by s, or by its beginning s.
func nearestWord(s string, words []string) string {
	return cmp.Or(diag.Nearest(s, words), onlyWith(s, words))
}
