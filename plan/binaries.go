package plan

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// binary is one program with the spec's defaults applied.
type binary struct {
	spec.Build
	overrides []spec.Override
	variant   spec.Levels // of the image, over all others
	main      string      // slash path of the main package below the context
	module    string      // Dir of its module
	dir       string      // that the go command runs in: its module's or the workspace's
	pos       diag.Pos
	parallel  int  // compiles at once, 0 for as many as go runs by default
	debug     bool // for a debugger
	test      bool // it is no binary but what tests are compiled with
}

func (b binary) cgo() bool { return b.CGo != nil && b.CGo.Enabled }

// binaries gives the spec's, else one for each main package that was found.
func (b *builder) binaries() map[string]binary {
	if len(b.spec.Binaries) == 0 {
		return b.discovered()
	}
	out := map[string]binary{}
	for _, name := range sortedKeys(b.spec.Binaries) {
		s := b.spec.Binaries[name]
		dir := path.Clean(s.Main)
		out[name] = b.placed(binary{
			Build: merge(b.spec, s.Build), parallel: b.spec.Go.Parallel, overrides: s.Overrides, main: dir, module: b.facts.ModuleOf(dir), pos: b.spec.Pos("binaries", name, "main"),
		})
		b.checkMain(name, out[name])
	}
	return out
}

func (b *builder) discovered() map[string]binary {
	mains := b.mainsByDefault()
	file := diag.Pos{File: b.spec.Filename()}
	switch w := b.facts.Work; {
	case w != nil && len(w.Problems) > 0: // a mistake of its own, which hides what the workspace uses
		return nil
	case len(mains) == 0:
		b.errs.Add(file, "no-main", "found no main package %s", b.lookedIn())
		return nil
	}
	out, dirs := map[string]binary{}, map[string]string{}
	for _, m := range mains {
		name := path.Base(m.Dir)
		if len(mains) == 1 || m.Dir == "." {
			name = b.projectName(m.Module)
		}
		if first, ok := dirs[name]; ok {
			b.errs.Add(file, "ambiguous-name",
				"the main packages in %s and %s would both be named %q; name them under binaries:", first, m.Dir, name)
			continue
		}
		dirs[name] = m.Dir
		out[name] = b.placed(binary{Build: merge(b.spec, spec.Build{}), parallel: b.spec.Go.Parallel, main: m.Dir, module: m.Module, pos: file})
	}
	return out
}

// lookedIn says where main packages were looked for, and why there may be none.
func (b *builder) lookedIn() string {
	if len(b.facts.Modules) == 0 {
		return "because the build context holds no go.mod (is the context the module's directory?)"
	}
	var mods []string
	for _, m := range b.facts.Modules {
		mods = append(mods, fmt.Sprintf("%s (%s)", path.Join(m.Dir, "go.mod"), m.Path))
	}
	return fmt.Sprintf("for %s in %d directories with Go files of %s",
		strings.Join(b.scanned(), ", "), len(b.facts.Packages), strings.Join(mods, ", "))
}

// scanned are the platforms that main packages were looked for on, as goos/goarch.
func (b *builder) scanned() []string { return osArchs(requested(b.spec, b.req)) }

// osArchs gives the platforms as goos/goarch, each once.
func osArchs(list []ocispecs.Platform) (out []string) {
	for _, p := range list {
		if s := p.OS + "/" + p.Architecture; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// checkMain reports a binary whose directory holds no Go package of a module.
func (b *builder) checkMain(name string, bin binary) {
	dir := bin.main
	switch {
	case bin.module != "" && b.holdsPackage(dir):
	case len(b.facts.Modules) == 0:
		b.errs.Add(bin.pos, "no-main", "binary %q: there is no main package %s", name, b.lookedIn())
	case bin.module == "":
		b.errs.Add(bin.pos, "no-main", "binary %q: neither %s nor a folder above it holds a go.mod", name, pkgPath(dir))
	case dir != "." && slices.ContainsFunc(strings.Split(dir, "/"), scan.Skips):
		b.errs.Add(bin.pos, "no-main", "binary %q: %s is not looked at, since it is testdata, vendor or below a name that begins with _ or .", name, pkgPath(dir))
	case len(b.facts.Mains) == 0:
		b.errs.Add(bin.pos, "no-main", "binary %q: %s holds no Go package, and there is no main package %s", name, pkgPath(dir), b.lookedIn())
	default:
		mains := b.mainDirs()
		b.errs.AddHint(bin.pos, "no-main", diag.Nearest(pkgPath(dir), mains),
			"binary %q: %s holds no Go package; the main packages are %s", name, pkgPath(dir), strings.Join(mains, ", "))
	}
}

func (b *builder) holdsPackage(dir string) bool {
	return slices.Contains(b.facts.Packages, dir) || slices.ContainsFunc(b.facts.Mains, func(m scan.Main) bool { return m.Dir == dir })
}

func (b *builder) mainDirs() []string {
	var out []string
	for _, m := range b.facts.Mains {
		out = append(out, pkgPath(m.Dir))
	}
	return out
}

// checkBuilds reports the binaries of a target that are no main package on one of its
// platforms. A binary that only the scan named is left out there, unless it leaves
// nothing: a module may hold a main package for one OS alone.
func (b *builder) checkBuilds(names []string, binaries map[string]binary, list []ocispecs.Platform, img *image) {
	if img == nil && len(b.spec.Binaries) == 0 {
		for _, p := range list {
			if !slices.ContainsFunc(names, func(n string) bool { return b.builds(binaries[n], p) }) {
				b.errs.Add(diag.Pos{File: b.spec.Filename()}, "no-main", "found no main package for %s/%s", p.OS, p.Architecture)
			}
		}
		return
	}
	for _, name := range names {
		bin := binaries[name]
		lacks := slices.DeleteFunc(slices.Clone(list), func(p ocispecs.Platform) bool { return b.builds(bin, p) })
		if len(lacks) > 0 {
			hint := diag.Nearest(pkgPath(bin.main), b.mainDirs())
			if hint == pkgPath(bin.main) { // a main package, on other platforms
				hint = ""
			}
			b.errs.AddHint(bin.pos, "not-main", hint, "binary %q: %s is not a main package for %s", name, pkgPath(bin.main), strings.Join(osArchs(lacks), ", "))
		}
	}
}

// builds reports whether the binary's directory holds a main package on a platform.
func (b *builder) builds(bin binary, p ocispecs.Platform) bool {
	target := scanTarget(bin.on(p).Build, p).String()
	return slices.ContainsFunc(b.facts.Mains, func(m scan.Main) bool {
		return m.Dir == bin.main && (len(m.Targets) == 0 || slices.Contains(m.Targets, target))
	})
}

// merge gives a binary's own settings over the spec's defaults: lists are added,
// values replace.
func merge(s *spec.Spec, own spec.Build) spec.Build {
	d := s.Build
	env := map[string]string{}
	if s.Go.Proxy != "" {
		env["GOPROXY"] = s.Go.Proxy
	}
	maps.Copy(env, s.Go.Env)
	maps.Copy(env, d.Env)
	maps.Copy(env, own.Env)
	out := spec.Build{
		CGo:       own.CGo,
		Flags:     slices.Concat(d.Flags, own.Flags),
		LDFlags:   slices.Concat(d.LDFlags, own.LDFlags),
		Tags:      slices.Concat(d.Tags, own.Tags),
		GCFlags:   slices.Concat(d.GCFlags, own.GCFlags),
		ASMFlags:  slices.Concat(d.ASMFlags, own.ASMFlags),
		BuildMode: cmp.Or(own.BuildMode, d.BuildMode),
		PGO:       cmp.Or(own.PGO, d.PGO),
		Env:       env,
		Levels:    levelsOver(d.Levels, own.Levels),
	}
	if out.CGo == nil {
		out.CGo = d.CGo
	}
	if (binary{Build: out}).isStatic() {
		out.Tags = append(out.Tags, staticTags...)
	}
	return out
}

// levelsOver gives what own sets, else what d does.
func levelsOver(d, own spec.Levels) spec.Levels {
	return spec.Levels{
		GOAMD64:   cmp.Or(own.GOAMD64, d.GOAMD64),
		GOARM:     cmp.Or(own.GOARM, d.GOARM),
		GOARM64:   cmp.Or(own.GOARM64, d.GOARM64),
		GO386:     cmp.Or(own.GO386, d.GO386),
		GOMIPS:    cmp.Or(own.GOMIPS, d.GOMIPS),
		GOMIPS64:  cmp.Or(own.GOMIPS64, d.GOMIPS64),
		GOPPC64:   cmp.Or(own.GOPPC64, d.GOPPC64),
		GORISCV64: cmp.Or(own.GORISCV64, d.GORISCV64),
	}
}

// on is the build of a binary for a platform: what overrides say of it is applied.
func on(build spec.Build, overrides []spec.Override, p ocispecs.Platform) spec.Build {
	for _, o := range overrides {
		if !spec.MatchPlatform(o.Platform, p) {
			continue
		}
		build.Flags = slices.Concat(build.Flags, o.Flags)
		build.LDFlags = slices.Concat(build.LDFlags, o.LDFlags)
		build.Tags = slices.Concat(build.Tags, o.Tags)
		levels, env := o.Settings()
		build.Levels, build.Env = levelsOver(build.Levels, levels), with(build.Env, env)
	}
	return build
}

// on is the binary as it is built for a platform.
func (bin binary) on(p ocispecs.Platform) binary {
	bin.Build, bin.overrides = on(bin.Build, bin.overrides, p), nil
	bin.Levels = levelsOver(bin.Levels, bin.variant)
	return bin
}

func (b *builder) moduleAt(dir string) scan.Module {
	for _, m := range b.facts.Modules {
		if m.Dir == dir {
			return m
		}
	}
	return scan.Module{}
}

// placed is the binary with the directory that the go command runs in.
func (b *builder) placed(bin binary) binary {
	bin.dir = bin.module
	if b.inWorkspace(bin) {
		bin.dir = "."
	}
	return bin
}

// inWorkspace reports whether go's workspace mode applies to the binary's module.
func (b *builder) inWorkspace(bin binary) bool {
	return b.facts.Work != nil && slices.Contains(b.facts.Work.Use, bin.module) && bin.Env["GOWORK"] != "off"
}

// pkgPath is how the go command and people write a directory: ./cmd/shop, or . itself.
func pkgPath(dir string) string {
	if dir == "." {
		return dir
	}
	return "./" + dir
}

func relative(base, dir string) string {
	if base == "." {
		return dir
	}
	return path.Clean("." + strings.TrimPrefix(dir, base))
}

func envList(env map[string]string) []string {
	var out []string
	for _, k := range sortedKeys(env) {
		out = append(out, k+"="+env[k])
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
