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
	main   string // slash path of the main package below the context
	module string // Dir of its module
	pos    diag.Pos
}

func (b binary) cgo() bool { return b.CGo != nil && *b.CGo }

// binaries gives the spec's, else one for each main package that was found.
func (b *builder) binaries() map[string]binary {
	if len(b.spec.Binaries) == 0 {
		return b.discovered()
	}
	out := map[string]binary{}
	for _, name := range sortedKeys(b.spec.Binaries) {
		s := b.spec.Binaries[name]
		pos := b.spec.Pos("binaries", name, "main")
		dir := path.Clean(s.Main)
		b.checkMain(name, dir, pos)
		out[name] = binary{Build: b.merge(s.Build), main: dir, module: b.facts.ModuleOf(dir), pos: pos}
	}
	return out
}

func (b *builder) discovered() map[string]binary {
	mains := b.mainsByDefault()
	file := diag.Pos{File: b.spec.Filename()}
	if len(mains) == 0 {
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
		out[name] = binary{Build: b.merge(spec.Build{}), main: m.Dir, module: m.Module, pos: file}
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

func (b *builder) scanned() []string {
	var out []string
	for _, t := range ScanRequest(b.spec, b.req).Targets {
		out = append(out, t.String())
	}
	return slices.Compact(out)
}

func (b *builder) checkMain(name, dir string, pos diag.Pos) {
	var mains []string
	for _, m := range b.facts.Mains {
		if m.Dir == dir {
			return
		}
		mains = append(mains, "./"+m.Dir)
	}
	hint := diag.Nearest("./"+dir, mains)
	switch {
	case len(b.facts.Problems) > 0:
	case slices.Contains(b.facts.Packages, dir):
		b.errs.AddHint(pos, "not-main", hint, "binary %q: ./%s is not a main package for %s", name, dir, strings.Join(b.scanned(), ", "))
	case len(mains) == 0:
		b.errs.Add(pos, "no-main", "binary %q: ./%s holds no Go package, and there is no main package %s", name, dir, b.lookedIn())
	default:
		b.errs.AddHint(pos, "no-main", hint, "binary %q: ./%s holds no Go package; the main packages are %s", name, dir, strings.Join(mains, ", "))
	}
}

// merge gives a binary's own settings over the spec's defaults: lists are added,
// values replace.
func (b *builder) merge(own spec.Build) spec.Build {
	d := b.spec.Build
	env := map[string]string{}
	maps.Copy(env, b.spec.Go.Env)
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
		Env:       env,
		GOAMD64:   cmp.Or(own.GOAMD64, d.GOAMD64),
		GOARM:     cmp.Or(own.GOARM, d.GOARM),
		GOARM64:   cmp.Or(own.GOARM64, d.GOARM64),
		GO386:     cmp.Or(own.GO386, d.GO386),
		GOMIPS:    cmp.Or(own.GOMIPS, d.GOMIPS),
		GOMIPS64:  cmp.Or(own.GOMIPS64, d.GOMIPS64),
		GOPPC64:   cmp.Or(own.GOPPC64, d.GOPPC64),
		GORISCV64: cmp.Or(own.GORISCV64, d.GORISCV64),
	}
	if out.CGo == nil {
		out.CGo = d.CGo
	}
	return out
}

// flags are those of go build, without -o and the package.
// https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func (bin binary) flags() []string {
	flags := []string{"-trimpath", "-buildvcs=false"}
	flags = append(flags, bin.Flags...)
	if len(bin.Tags) > 0 {
		flags = append(flags, "-tags="+strings.Join(bin.Tags, ","))
	}
	flags = append(flags, perPattern("-gcflags=", bin.GCFlags)...)
	flags = append(flags, perPattern("-asmflags=", bin.ASMFlags)...)
	if bin.BuildMode != "" && bin.BuildMode != "default" {
		flags = append(flags, "-buildmode="+bin.BuildMode)
	}
	return append(flags, "-ldflags="+strings.Join(append([]string{"-s", "-w"}, bin.LDFlags...), " "))
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

func hasPattern(s string) bool {
	return !strings.HasPrefix(s, "-") && strings.Contains(s, "=")
}

// outputName is the file that a binary is written to on a platform.
func outputName(name string, p ocispecs.Platform) string {
	switch {
	case p.OS == "windows":
		return name + ".exe"
	case p.Architecture == "wasm":
		return name + ".wasm"
	default:
		return name
	}
}

func (b *builder) moduleAt(dir string) scan.Module {
	for _, m := range b.facts.Modules {
		if m.Dir == dir {
			return m
		}
	}
	return scan.Module{}
}

// inWorkspace reports whether go's workspace mode applies to the module.
func (b *builder) inWorkspace(module string) bool {
	return b.facts.Work != nil && slices.Contains(b.facts.Work.Use, module)
}

// compile adds the step that makes a binary for a platform.
func (b *builder) compile(name string, bin binary, p ocispecs.Platform) StepID {
	env := maps.Clone(bin.Env)
	maps.Copy(env, b.targetEnv(name, bin, p))
	dir, pkg := bin.module, "./"+relative(bin.module, bin.main)
	if b.inWorkspace(bin.module) {
		dir, pkg = ".", "./"+bin.main
	} else if b.facts.Work != nil {
		env["GOWORK"] = "off"
	}
	return b.add(Compile{
		Source:   b.source,
		Modules:  b.modulesOf(dir, env["GOWORK"]),
		Binary:   name,
		Platform: p,
		Dir:      dir,
		Package:  pkg,
		Flags:    bin.flags(),
		Env:      envList(env),
		Output:   outputName(name, p),
		Pos:      bin.pos,
	})
}

// modulesOf gives the download step of the module or workspace in dir, NoStep when
// nothing has to be downloaded.
func (b *builder) modulesOf(dir, gowork string) StepID {
	requires, vendor := b.moduleAt(dir).Requires, b.moduleAt(dir).Vendor
	if b.facts.Work != nil && gowork != "off" {
		vendor = b.facts.Work.Vendor
		requires = slices.ContainsFunc(b.facts.Work.Use, func(d string) bool { return b.moduleAt(d).Requires })
	}
	if !requires || vendor {
		return NoStep
	}
	env := maps.Clone(b.spec.Go.Env)
	if env == nil {
		env = map[string]string{}
	}
	proxy := cmp.Or(env["GOPROXY"], "https://proxy.golang.org,direct")
	delete(env, "GOPROXY")
	maps.Copy(env, goEnv())
	if gowork != "" {
		env["GOWORK"] = gowork
	}
	return b.add(Modules{Source: b.moduleFiles(), Dir: dir, Env: envList(env), Proxy: proxy})
}

// goEnv is set wherever the go command runs: nothing that the toolchain image sets
// may change a build, and no other toolchain is fetched.
func goEnv() map[string]string {
	return map[string]string{"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOENV": "off"}
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
