package plan

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// compile adds the steps that make a binary for a platform.
func (b *builder) compile(name string, bin binary, p ocispecs.Platform) StepID {
	bin = bin.on(p)
	c := b.objects(name, bin, p)
	ldflags, stamped := b.ldflags(name, bin, p)
	link := c
	link.Flags, link.Output = append(bin.compileFlags(), ldflags), outputName(name, bin, p)
	if !stamped {
		return b.add(link)
	}
	return b.add(Link{Compile: link, Objects: b.add(c)})
}

// objects is the step, not added yet, that compiles the packages of a binary and links nothing.
func (b *builder) objects(name string, bin binary, p ocispecs.Platform) Compile {
	bin = bin.on(p)
	c := b.compileStep(name, bin, p)
	if !bin.cgo() {
		c.Toolchain = b.add(Prune{})
	}
	c.Flags = bin.compileFlags()
	return c
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

// outputPerm are the permission bits of a file that go build makes.
func outputPerm(file string) uint32 {
	if path.Ext(file) == ".h" {
		return 0o644
	}
	return 0o755
}

// outputs are all files that go build makes of a binary: of a library its C header too.
func outputs(name string, bin binary, p ocispecs.Platform) []string {
	files := []string{outputName(name, bin, p)}
	if bin.BuildMode == "c-archive" || bin.BuildMode == "c-shared" {
		files = append(files, name+".h")
	}
	return files
}

// outside are the directories outside of the build context that the modules of those binaries are
// replaced by. The client gives each as a context that is named as the module.
func (b *builder) outside(names []string, binaries map[string]binary) (out []Outside) {
	for _, name := range names {
		bin := binaries[name]
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
	}
	return out
}

// Outside are the directories outside of the build context that the plan's modules are replaced by.
func (p *Plan) Outside() (out []Outside) {
	for _, s := range p.Steps {
		if n, ok := s.(Narrow); ok {
			out = append(out, n.Outside...)
		}
	}
	return out
}

// Root is the directory of the build context in a tree that has room above it for what
// the plan's modules name there: ., _ or _/_.
func (p *Plan) Root() string {
	depth := 0
	for _, o := range p.Outside() {
		depth = max(depth, strings.Count(o.Dir+"/", "../"))
	}
	return path.Join(".", strings.Repeat("_/", depth))
}
