package plan

import (
	"cmp"
	"fmt"
	"go/version"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// goFiles are the files that go build reads, whatever the platform.
// https://pkg.go.dev/cmd/go#hdr-File_types and go/build, for Fortran.
var goFiles = []string{
	"**/*.go", "**/*.s", "**/*.S", "**/*.sx", "**/*.syso", "**/default.pgo",
	"**/*.c", "**/*.cc", "**/*.cpp", "**/*.cxx", "**/*.m", "**/*.f", "**/*.F", "**/*.for", "**/*.f90",
	"**/*.h", "**/*.hh", "**/*.hpp", "**/*.hxx", "**/*.swig", "**/*.swigcxx",
	"**/go.mod", "**/go.sum", "go.work", "go.work.sum",
}

// ScanFiles are the patterns of the files that a scan reads.
func ScanFiles() (include, exclude []string) {
	return []string{"**/*.go", "**/go.mod", "go.work", "**/vendor/modules.txt", "**/default.pgo", "**/kodata"},
		[]string{"**/*_test.go", "**/testdata", "**/vendor/**/*.go", "**/vendor/**/go.mod"}
}

// OutsideFiles are the patterns of the files that go build reads of an Outside, whose facts are given.
func OutsideFiles(facts *scan.Facts) (include, exclude []string) {
	ctx := Context{Include: slices.Clone(goFiles), Exclude: []string{"**/*_test.go"}}
	ctx.add(facts.Embeds...)
	return ctx.Include, ctx.Exclude
}

// add sends files and whole directories too.
func (c *Context) add(paths ...string) {
	for _, p := range paths {
		c.Include = append(c.Include, p)
		c.Exclude = append(c.Exclude, "!"+p, "!"+path.Join(p, "**"))
	}
}

// sources adds the context, with what Go and the image read, and the narrowed source of
// every binary. Tests are left out, since no build reads them, unless they are embedded.
func (b *builder) sources(names []string, binaries map[string]binary, platforms []ocispecs.Platform, img *image) {
	include := slices.Clone(goFiles)
	exclude := []string{"**/*_test.go"}
	// What vendored packages embed is not known yet, and may be a test.
	vendor := func(dir string) {
		include = append(include, path.Join(dir, "vendor"))
		exclude = append(exclude, "!"+path.Join(dir, "vendor", "**"))
	}
	for _, m := range b.facts.Modules {
		if m.Vendor {
			vendor(m.Dir)
		}
	}
	if b.facts.Work != nil && b.facts.Work.Vendor {
		vendor(".")
	}
	for _, name := range names {
		if file := b.profile(binaries[name]); file != "" {
			include = append(include, file)
		}
	}
	ctx := Context{Include: include, Exclude: exclude}
	ctx.add(b.facts.Embeds...)
	ctx.Include = slices.Compact(ctx.Include)
	var paths []string // what is not Go's
	if b.plan.Target == TargetDist && cmp.Or(b.spec.Dist.Archive, "none") != "none" {
		for _, f := range b.spec.Dist.Files {
			paths = append(paths, path.Clean(f))
		}
	}
	if img != nil {
		for _, f := range img.Files {
			if f.Image != "" || f.URL != "" || f.Link != "" {
				continue
			}
			paths = append(paths, path.Clean(f.From))
		}
		for _, name := range names {
			if b.hasKodata(binaries[name]) {
				paths = append(paths, path.Join(binaries[name].main, "kodata"))
			}
		}
	}
	ctx.add(paths...)
	if slices.Contains(paths, ".") {
		ctx = Context{}
	}
	b.context = b.add(ctx)
	narrow := Narrow{Context: b.context, Outside: b.outside(names, binaries)}
	for _, p := range platforms {
		for _, name := range names {
			build := b.narrowed(name, binaries[name], p)
			if b.builds(binaries[name], p) && !slices.ContainsFunc(narrow.Builds, func(o scan.Build) bool { return o.ID == build.ID }) {
				narrow.Builds = append(narrow.Builds, build)
			}
		}
	}
	b.source = b.add(narrow)
}

// narrowed is the build of a binary for a platform, as the Narrow step takes it. Levels
// of an architecture read the same source.
func (b *builder) narrowed(name string, bin binary, p ocispecs.Platform) scan.Build {
	bin = bin.on(p)
	return scan.Build{
		ID:      fmt.Sprintf("%s-%s-%s", name, p.OS, p.Architecture),
		Set:     b.set(bin, p),
		Main:    bin.main,
		Module:  bin.module,
		Work:    b.inWorkspace(bin),
		Profile: b.profile(bin),
		Target:  scanTarget(bin.Build, p),
	}
}

// oldestGo is the oldest toolchain that builds are made with.
const oldestGo = "1.21"

// toolchain chooses the image whose go command compiles the binaries.
func (b *builder) toolchain(names []string, binaries map[string]binary) {
	t := &b.plan.Toolchain
	var wanted string
	t.Go, wanted, t.GoFile = b.goLines(names, binaries)
	v := wanted
	if OlderGo(v, t.Go) {
		v = t.Go
	}
	if OlderGo(v, oldestGo) {
		v = oldestGo
	}
	if b.spec.Go.Version != "" {
		v, t.Pos = b.spec.Go.Version, b.spec.Pos("go", "version")
		if OlderGo(v, t.Go) {
			b.errs.Add(t.Pos, "old-toolchain", "go.version is %s, but %s requires Go %s", v, t.GoFile, t.Go)
		}
	}
	t.Image = "golang:" + v
	if !slices.ContainsFunc(names, func(n string) bool { return binaries[n].cgo() || b.fetchesDirect(binaries[n]) }) {
		t.Image += "-alpine" // no C compiler and no git in it, none needed
	}
	if b.spec.Go.Image != "" {
		t.Pos = b.spec.Pos("go", "image")
		t.Image = b.checked(t.Pos, "bad-image", b.spec.Go.Image, b.plan.BuildPlatform, spec.CheckToolchain)
	}
}

// goLines gives the highest of the go and toolchain lines of the workspace and the
// modules that the binaries are built in, and the file that the go line is in.
func (b *builder) goLines(names []string, binaries map[string]binary) (least, wanted, file string) {
	for _, name := range names {
		bin := binaries[name]
		m := b.moduleAt(bin.module)
		goLine, toolchain, from := m.Go, m.Toolchain, path.Join(m.Dir, "go.mod")
		if b.inWorkspace(bin) {
			goLine, toolchain, from = b.facts.Work.Go, b.facts.Work.Toolchain, "go.work"
		}
		if file == "" || version.Compare("go"+goLine, "go"+least) > 0 {
			least, file = goLine, from
		}
		toolchain, _, _ = strings.Cut(strings.TrimPrefix(toolchain, "go"), "-")
		if version.Compare("go"+toolchain, "go"+wanted) > 0 {
			wanted = toolchain
		}
	}
	return least, wanted, file
}

// OlderGo reports whether a toolchain of version v is older than Go w. A version 1.N
// without a patch level, as in an image tag, is the newest of its line. "" is older
// than any.
func OlderGo(v, w string) bool {
	v, w = "go"+v, "go"+w
	if version.Lang(v) == v {
		w = version.Lang(w)
	}
	return version.Compare(v, w) < 0
}
