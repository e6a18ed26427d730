package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// targetEnv is what makes the go command compile for a platform.
func (b *builder) targetEnv(name string, bin binary, p ocispecs.Platform) map[string]string {
	env := goEnv()
	env["GOOS"], env["GOARCH"], env["CGO_ENABLED"] = p.OS, p.Architecture, "0"
	if bin.cgo() {
		env["CGO_ENABLED"] = "1"
	}
	maps.Copy(env, b.level(name, bin, p))
	return env
}

// compiledFor is the platform without what makes no other binary: the version of the OS,
// and a variant of amd64 that does not decide the level.
func compiledFor(bin binary, p ocispecs.Platform, level string) ocispecs.Platform {
	out := ocispecs.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant}
	if p.Architecture == "amd64" && (bin.GOAMD64 != "" || level != p.Variant) {
		out.Variant = ""
	}
	return out
}

// level is the GO<ARCH> variable of a platform: the binary's own, else what the
// platform's variant says. https://go.dev/wiki/MinimumRequirements
func (b *builder) level(name string, bin binary, p ocispecs.Platform) map[string]string {
	set := func(key, value string) map[string]string {
		if value == "" {
			return nil
		}
		return map[string]string{key: value}
	}
	switch p.Architecture {
	case "amd64":
		if bin.GOAMD64 != "" {
			return set("GOAMD64", bin.GOAMD64)
		}
		return set("GOAMD64", b.amd64Level(p)) // which may warn
	case "arm":
		own := strings.TrimPrefix(p.Variant, "v")
		if bin.GOARM != "" && bin.GOARM[0] > own[0] {
			b.errs.Add(b.levelPos(name, "goarm"), "bad-level", "binary %q: goarm %s does not run on %s", name, bin.GOARM, platforms.Format(p))
		}
		return set("GOARM", cmp.Or(bin.GOARM, own))
	case "arm64":
		own := cmp.Or(p.Variant, "v8")
		if !strings.Contains(own, ".") {
			own += ".0"
		}
		return set("GOARM64", cmp.Or(bin.GOARM64, own))
	case "386":
		return set("GO386", bin.GO386)
	case "mips", "mipsle":
		return set("GOMIPS", bin.GOMIPS)
	case "mips64", "mips64le":
		return set("GOMIPS64", bin.GOMIPS64)
	case "ppc64", "ppc64le":
		return set("GOPPC64", bin.GOPPC64)
	case "riscv64":
		return set("GORISCV64", bin.GORISCV64)
	default:
		return nil
	}
}

// amd64Level is v1 unless the spec's own platforms name the variant: one build
// serves the whole family.
func (b *builder) amd64Level(p ocispecs.Platform) string {
	if p.Variant == "" {
		return "v1"
	}
	if slices.ContainsFunc(b.allowed(), func(a ocispecs.Platform) bool {
		return a.OS == p.OS && a.Architecture == p.Architecture && a.Variant == p.Variant
	}) {
		return p.Variant
	}
	name := platforms.Format(p)
	b.warn(diag.Pos{File: b.spec.Filename()}, "shared-variant", "%s gets the build for %s/amd64, which runs on every level; name %s under platforms, or set goamd64, for a build of its own", name, p.OS, name)
	return "v1"
}

func (b *builder) levelPos(binary, key string) diag.Pos {
	if _, ok := b.spec.Binaries[binary]; ok {
		if pos := b.spec.Pos("binaries", binary, key); pos != b.spec.Pos("binaries", binary) {
			return pos
		}
	}
	return b.spec.Pos("build", key)
}
