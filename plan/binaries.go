package plan

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
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
	main      string // slash path of the main package below the context
	module    string // Dir of its module
	dir       string // that the go command runs in: its module's or the workspace's
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
	return bin
}

// compileFlags are those of go build that decide how every package is compiled.
// https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func (bin binary) compileFlags() []string {
	flags := []string{"-buildvcs=false"}
	if !bin.test { // tests may look for their files by their own path
		flags = []string{"-trimpath", "-buildvcs=false"}
	}
	flags = append(flags, bin.Flags...)
	if bin.parallel > 0 {
		flags = append(flags, fmt.Sprintf("-p=%d", bin.parallel))
	}
	if len(bin.Tags) > 0 {
		flags = append(flags, "-tags="+strings.Join(bin.Tags, ","))
	}
	gcflags := bin.GCFlags
	if bin.debug {
		gcflags = append(slices.Clone(gcflags), "all=-N -l")
	}
	flags = append(flags, perPattern("-gcflags=", gcflags)...)
	flags = append(flags, perPattern("-asmflags=", bin.ASMFlags)...)
	if bin.BuildMode != "" && bin.BuildMode != "default" && !bin.test {
		flags = append(flags, "-buildmode="+bin.BuildMode)
	}
	if bin.PGO != "" && bin.PGO != "auto" && !bin.test {
		flags = append(flags, "-pgo="+bin.pgo())
	}
	return flags
}

// pgo is the value of go build's -pgo, whose paths are relative to where it runs.
func (bin binary) pgo() string {
	if bin.PGO == "off" {
		return "off"
	}
	up := ""
	if bin.dir != "." {
		up = strings.Repeat("../", len(strings.Split(bin.dir, "/")))
	}
	return up + path.Clean(bin.PGO)
}

// depsFlags are the compile flags of the packages that the binary imports: compiler flags
// without a pattern are for its main package alone, and where a profile is, the step knows.
func (bin binary) depsFlags() []string {
	return slices.DeleteFunc(bin.compileFlags(), func(f string) bool {
		return strings.HasPrefix(f, "-gcflags=-") || strings.HasPrefix(f, "-asmflags=-") || flagNamed(f, "pgo")
	})
}

// stdFlags are the deps flags that mean something without a module.
func (bin binary) stdFlags() []string {
	return slices.DeleteFunc(bin.depsFlags(), func(f string) bool {
		return flagNamed(f, "mod") || flagNamed(f, "modfile") || flagNamed(f, "modcacherw")
	})
}

// flagNamed reports whether f is that flag, with one dash or two, with a value or none.
func flagNamed(f, name string) bool {
	flag, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-"), "=")
	return flag == name && strings.HasPrefix(f, "-")
}

// flag gives the value of the last of the binary's flags of that name, "" without one.
func (bin binary) flag(name string) (value string) {
	for _, f := range bin.Flags {
		if flagNamed(f, name) {
			_, value, _ = strings.Cut(f, "=")
		}
	}
	return value
}

// perPattern makes one flag for each package pattern (`all=-N`); an element without
// one belongs to the flag before it, since of two flags for a package go takes the last.
func perPattern(flag string, list []string) []string {
	var out []string
	for _, s := range list {
		if len(out) == 0 || hasPattern(s) {
			out = append(out, flag+s)
			continue
		}
		out[len(out)-1] += " " + s
	}
	return out
}

// hasPattern tells `all=-N` from `-d=panic`, and from the value of the flag before it, as `N=1`.
func hasPattern(s string) bool {
	pattern, flags, ok := strings.Cut(s, "=")
	return ok && !strings.HasPrefix(pattern, "-") && (flags == "" || strings.ContainsAny(flags[:1], "-'\""))
}

// profile is the file that all packages of the binary are compiled by, as a path below the
// context; "" when there is none. https://go.dev/doc/pgo
func (b *builder) profile(bin binary) string {
	switch bin.PGO {
	case "", "auto":
		if slices.ContainsFunc(b.facts.Mains, func(m scan.Main) bool { return m.Dir == bin.main && m.Profile }) {
			return path.Join(bin.main, "default.pgo")
		}
		return ""
	case "off":
		return ""
	default:
		return path.Clean(bin.PGO)
	}
}

// outputName is the file that a binary is written to on a platform, as go build names it.
func outputName(name string, bin binary, p ocispecs.Platform) string {
	switch bin.BuildMode {
	case "c-archive":
		return name + map[bool]string{true: ".lib", false: ".a"}[p.OS == "windows"]
	case "c-shared":
		switch p.OS {
		case "windows":
			return name + ".dll"
		case "darwin":
			return name + ".dylib"
		}
		return name + ".so"
	case "plugin":
		return name + ".so"
	}
	switch {
	case p.OS == "windows":
		return name + ".exe"
	case p.Architecture == "wasm":
		return name + ".wasm"
	default:
		return name
	}
}

// header is the C header that go build writes beside a library, in a list of one or none.
func header(name string, bin binary) []string {
	if bin.BuildMode == "c-archive" || bin.BuildMode == "c-shared" {
		return []string{name + ".h"}
	}
	return nil
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

// outside are the directories outside of the build context that the binary's modules are
// replaced by. The client gives each as a context that is named as the module.
func (b *builder) outside(bin binary) (out []Outside) {
	list := b.moduleAt(bin.module).Outside
	if b.inWorkspace(bin) {
		list = slices.Clone(b.facts.Work.Outside)
		for _, dir := range b.facts.Work.Use {
			list = append(list, b.moduleAt(dir).Outside...)
		}
	}
	for _, o := range list {
		dir := Outside{From: b.add(Named{Name: o.Path, Pos: diag.Pos{File: b.spec.Filename()}}), Dir: o.Dir}
		if !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// inWorkspace reports whether go's workspace mode applies to the binary's module.
func (b *builder) inWorkspace(bin binary) bool {
	return b.facts.Work != nil && slices.Contains(b.facts.Work.Use, bin.module) && bin.Env["GOWORK"] != "off"
}

// compile adds the steps that make a binary for a platform.
func (b *builder) compile(name string, bin binary, p ocispecs.Platform) StepID {
	bin = bin.on(p)
	c := b.compileStep(name, bin, p)
	if !bin.cgo() {
		c.Toolchain = b.add(Prune{})
	}
	ldflags, stamped := b.ldflags(name, bin, p)
	link := c
	link.Flags, link.Output = append(bin.compileFlags(), ldflags), outputName(name, bin, p)
	if !stamped {
		return b.add(link)
	}
	c.Flags = bin.compileFlags()
	return b.add(Link{Compile: link, Objects: b.add(c)})
}

// compileStep adds what the compile step of a binary needs, and gives that step without flags.
func (b *builder) compileStep(name string, bin binary, p ocispecs.Platform) Compile {
	bin = bin.on(p)
	env := b.compileEnv(name, bin, p)
	build := b.narrowed(name, bin, p)
	deps := b.deps(bin, build, compiledFor(bin, p, env["GOAMD64"]), env, b.cc(name, bin, p))
	c := Compile{
		Source:    b.source,
		Build:     build.ID,
		Toolchain: deps.Toolchain,
		Std:       deps.Std,
		Deps:      b.add(deps),
		Binary:    name,
		Platform:  deps.Platform,
		Dir:       bin.dir,
		Package:   pkgPath(relative(bin.dir, bin.main)),
		Env:       envList(without(env, moduleEnv)),
		Outside:   deps.Outside,
		Pos:       bin.pos,
	}
	return c
}

// compileEnv is the environment of the go command that compiles a binary.
func (b *builder) compileEnv(name string, bin binary, p ocispecs.Platform) map[string]string {
	env := with(b.textMap(bin.pos, bin.Env, p), b.targetEnv(name, bin, p))
	noIndex(env)
	if !b.inWorkspace(bin) && b.facts.Work != nil {
		env["GOWORK"] = "off"
	}
	return env
}

// deps is the step, not added yet, that provides what the binary imports from elsewhere, compiled
// on the result of cc.
func (b *builder) deps(bin binary, build scan.Build, p ocispecs.Platform, env map[string]string, cc StepID) Deps {
	d := Deps{
		Source: b.source, Set: build.Set, Toolchain: cc, Std: NoStep, Platform: p, Dir: bin.dir,
		Flags: bin.depsFlags(), Env: envList(env), Profile: build.Profile,
		Download: b.downloads(bin), Compile: b.spec.Cache.Deps == nil || *b.spec.Cache.Deps,
	}
	d.Outside = b.outside(bin)
	if d.Download {
		d.Private, d.Env = PrivateHosts(b.spec), envList(privateEnv(b.spec, env))
	}
	// Without modules nothing can be bumped; by a profile every package is compiled anew.
	if d.Download && d.Compile && d.Profile == "" {
		d.Std = b.add(Std{
			Source: b.source, Set: build.Set, Toolchain: cc, Platform: p,
			Flags: bin.stdFlags(), Env: envList(without(env, append(moduleEnv, "GOWORK"))),
		})
	}
	return d
}

// moduleEnv are the variables that say where modules come from.
// https://go.dev/ref/mod#environment-variables
var moduleEnv = []string{"GOAUTH", "GOINSECURE", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOVCS"}

func without(env map[string]string, keys []string) map[string]string {
	env = maps.Clone(env)
	for _, k := range keys {
		delete(env, k)
	}
	return env
}

// set names what decides how the packages that a binary imports are compiled, but for the
// platform's variant: binaries with equal ones share them.
func (b *builder) set(bin binary, p ocispecs.Platform) string {
	var cgo any = false
	if bin.cgo() {
		cgo = bin.CGo
	}
	alike := struct {
		OS      string
		Arch    string
		Module  string
		Flags   []string
		CGo     any
		Env     map[string]string
		Levels  [8]string
		Profile string
	}{p.OS, p.Architecture, bin.module, bin.depsFlags(), cgo, bin.Env, [8]string{
		bin.GOAMD64, bin.GOARM, bin.GOARM64, bin.GO386, bin.GOMIPS, bin.GOMIPS64, bin.GOPPC64, bin.GORISCV64,
	}, b.profile(bin)}
	data, err := json.Marshal(alike)
	if err != nil {
		panic(fmt.Sprintf("plan: a binary is not plain data: %v", err))
	}
	return fmt.Sprintf("%x", sha256.Sum256(data))[:8]
}

// downloads reports whether modules have to be downloaded for the binary.
func (b *builder) downloads(bin binary) bool {
	m := b.moduleAt(bin.module)
	requires, vendor := m.Requires, m.Vendor
	if b.inWorkspace(bin) {
		vendor = b.facts.Work.Vendor
		requires = slices.ContainsFunc(b.facts.Work.Use, func(d string) bool { return b.moduleAt(d).Requires })
	}
	if mode := bin.flag("mod"); mode != "" {
		vendor = mode == "vendor"
	}
	return requires && !vendor
}

// goEnv is set wherever the go command runs: nothing that the toolchain image sets
// may change a build, and no other toolchain is fetched.
func goEnv() map[string]string {
	return map[string]string{"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOENV": "off"}
}

// noIndex keeps the go command from its index of packages, which takes a directory with
// the same names, sizes and times for the same source. Here times are fixed, and all
// projects share a build cache and a path.
func noIndex(env map[string]string) {
	env["GODEBUG"] = strings.TrimPrefix(env["GODEBUG"]+",goindex=0", ",")
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
