package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// CC is the toolchain image with a C compiler for a platform, and says in a file of it which
// compiler that is. Whether the image has one already, as zig, is known in the step alone.
// Nothing of the project is in it. It may use the network.
type CC struct {
	Platform ocispecs.Platform // what is compiled for
	CC       string            // as in spec.CGo
	GNU      string            // how gcc names the platform, "" where Debian has none for it: aarch64-linux-gnu
	Debian   string            // how its packages do: arm64
	Zig      string            // how zig does, "" where it is not used: aarch64-linux-musl
	Packages []string
	Libs     []string
	Snapshot string
	Pos      diag.Pos
}

func (CC) step() {}

// cTarget is how C compilers name a platform.
type cTarget struct {
	gnu    string
	debian string // name of the architecture, of which libraries are not always there
	zig    string // without the C library
	abi    string // of the C library, what zig writes after gnu and musl
}

// cTargets are the platforms that Debian or zig has a C compiler for. Of arm these are the ABIs
// of the variants before v7, and since. https://wiki.debian.org/Multiarch/Tuples
var cTargets = map[string]cTarget{
	"linux/386":      {gnu: "i686-linux-gnu", debian: "i386", zig: "x86-linux-"},
	"linux/amd64":    {gnu: "x86_64-linux-gnu", debian: "amd64", zig: "x86_64-linux-"},
	"linux/arm64":    {gnu: "aarch64-linux-gnu", debian: "arm64", zig: "aarch64-linux-"},
	"linux/arm":      {gnu: "arm-linux-gnueabihf", debian: "armhf", zig: "arm-linux-", abi: "eabihf"},
	"linux/arm/v5":   {gnu: "arm-linux-gnueabi", debian: "armel"},
	"linux/arm/v6":   {gnu: "arm-linux-gnueabi", debian: "armel"},
	"linux/loong64":  {gnu: "loongarch64-linux-gnu", debian: "loong64", zig: "loongarch64-linux-"},
	"linux/mips":     {gnu: "mips-linux-gnu", debian: "mips"},
	"linux/mipsle":   {gnu: "mipsel-linux-gnu", debian: "mipsel"},
	"linux/mips64":   {gnu: "mips64-linux-gnuabi64", debian: "mips64"},
	"linux/mips64le": {gnu: "mips64el-linux-gnuabi64", debian: "mips64el"},
	"linux/ppc64le":  {gnu: "powerpc64le-linux-gnu", debian: "ppc64el", zig: "powerpc64le-linux-"},
	"linux/riscv64":  {gnu: "riscv64-linux-gnu", debian: "riscv64", zig: "riscv64-linux-"},
	"linux/s390x":    {gnu: "s390x-linux-gnu", debian: "s390x", zig: "s390x-linux-"},
	"windows/386":    {zig: "x86-windows-"},
	"windows/amd64":  {zig: "x86_64-windows-"},
	"windows/arm64":  {zig: "aarch64-windows-"},
}

func cTargetOf(p ocispecs.Platform) cTarget {
	t, ok := cTargets[p.OS+"/"+p.Architecture+"/"+p.Variant]
	if !ok {
		t = cTargets[p.OS+"/"+p.Architecture]
	}
	return t
}

func (t cTarget) zigTarget(p ocispecs.Platform, static bool) string {
	switch {
	case t.zig == "":
		return ""
	case static && p.OS == "linux":
		return t.zig + "musl" + t.abi
	default:
		return t.zig + "gnu" + t.abi
	}
}

// Names of compilers that a spec may have in cgo.cc and that are told the target.
const (
	ccZig   = "zig"
	ccGCC   = "gcc"
	ccClang = "clang"
)

// cc is the root file system that a binary is compiled on where C is; NoStep is the whole
// toolchain image.
func (b *builder) cc(name string, bin binary, p ocispecs.Platform) StepID {
	if !bin.cgo() {
		return NoStep
	}
	c, t := bin.CGo, cTargetOf(p)
	s := CC{
		Platform: ocispecs.Platform{OS: p.OS, Architecture: p.Architecture},
		CC:       c.CC, GNU: t.gnu, Debian: t.debian, Zig: t.zigTarget(p, c.Static),
		Packages: c.Packages, Libs: c.Libs, Snapshot: c.Snapshot, Pos: b.cgoPos(name),
	}
	if p.Architecture == "arm" {
		s.Platform.Variant = p.Variant
	}
	b.checkCC(name, bin, s)
	return b.add(s)
}

// checkCC reports what no C compiler, or not the one that the spec names, can do.
func (b *builder) checkCC(name string, bin binary, s CC) {
	target := platforms.Format(s.Platform)
	fail := func(rule, format string, args ...any) {
		var one diag.List
		one.Add(s.Pos, rule, `binary %q: `+format, append([]any{name}, args...)...)
		if !slices.ContainsFunc(b.errs, func(e *diag.Error) bool { return *e == *one[0] }) { // of another step of it
			b.errs = append(b.errs, one...)
		}
	}
	var has []string
	for _, known := range sortedKeys(cTargets) {
		if os, _, _ := strings.Cut(known, "/"); cTargets[known].zig != "" && os == s.Platform.OS {
			has = append(has, known)
		}
	}
	switch {
	case !goHasCGo(s.Platform):
		fail("no-c-compiler", "Go has no cgo for %s", target)
	case s.CC == ccZig && s.Zig == "" && len(has) > 0:
		fail("no-c-compiler", "zig is not used for %s; it is for %s", target, strings.Join(has, ", "))
	case s.CC == ccZig && s.Zig == "":
		fail("no-c-compiler", "zig brings no C library for %s", target)
	case slices.Contains([]string{"", ccGCC, ccClang}, s.CC) && s.GNU == "" && s.Zig != "":
		fail("no-c-compiler", "Debian has no C compiler for %s; set cc: zig with an image that has it, or cc: to another compiler of the image that go.image names", target)
	case slices.Contains([]string{"", ccGCC, ccClang}, s.CC) && s.GNU == "":
		fail("no-c-compiler", "Debian has no C compiler for %s; set cc: to one of the image that go.image names", target)
	case len(s.Libs) > 0 && s.Debian == "":
		fail("no-c-compiler", "libs are packages of Debian, which has none for %s", target)
	case len(s.Libs) > 0 && s.CC == ccZig:
		fail("no-c-compiler", "libs are packages of Debian, which zig does not look for; set cc: gcc")
	}
	if mode := cmp.Or(bin.BuildMode, "default"); bin.CGo.Static && slices.Contains([]string{"c-archive", "c-shared", "plugin"}, mode) {
		fail("static-library", "static: true is for programs; a %s gets its C library from what loads it", mode)
	}
}

// goHasCGo reports whether Go knows cgo on a platform. https://pkg.go.dev/internal/platform#CgoSupported
func goHasCGo(p ocispecs.Platform) bool {
	switch p.OS {
	case "js", "wasip1", "plan9":
		return false
	case "linux":
		return cTargetOf(p) != cTarget{}
	default:
		return true
	}
}

func (b *builder) cgoPos(binary string) diag.Pos {
	if bin, ok := b.spec.Binaries[binary]; ok && bin.CGo != nil {
		return b.spec.Pos("binaries", binary, "cgo")
	}
	return b.spec.Pos("build", "cgo")
}

// staticTags keep Go's own resolver and user look-up: those of a C library that is linked in
// want the same library's plug-ins where the program runs.
var staticTags = []string{"netgo", "osusergo"}

func (b binary) isStatic() bool { return b.cgo() && b.CGo.Static }

// staticLink are the linker's flags that come before those of the spec.
func (b binary) staticLink() []string {
	if !b.isStatic() {
		return nil
	}
	return []string{"-linkmode=external", "-extldflags=" + b.staticFlag()}
}

func (b binary) staticFlag() string {
	if b.BuildMode == "pie" {
		return "-static-pie"
	}
	return "-static"
}

// keepStatic adds the static flag to a word of the spec's linker flags that says what the C
// linker gets, since the last one replaces those before. The word before it is before.
func (b binary) keepStatic(before, word string) string {
	if !b.isStatic() {
		return word
	}
	flag, _, given := strings.Cut(strings.TrimPrefix(word, "-"), "=")
	if given && strings.TrimPrefix(flag, "-") == "extldflags" || flagNamed(before, "extldflags") && !strings.Contains(before, "=") {
		return strings.TrimSpace(word + " " + b.staticFlag())
	}
	return word
}
