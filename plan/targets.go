package plan

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// whole makes the one target of a request that is for no platform in particular.
func (b *builder) whole(layers ...StepID) {
	b.plan.Whole = true
	b.plan.Targets = []Target{{Name: b.plan.Target, Platform: b.plan.BuildPlatform, Layers: layers}}
}

// emitDist adds the steps of the binaries of all platforms in one tree.
func (b *builder) emitDist(platforms []ocispecs.Platform, names []string, binaries map[string]binary) {
	d := Dist{Files: b.context}
	for _, f := range b.spec.Dist.Files {
		d.Paths = append(d.Paths, path.Clean(f))
	}
	for _, p := range platforms {
		for _, name := range names {
			bin := binaries[name]
			if !b.builds(bin, p) {
				continue
			}
			d.Binaries = append(d.Binaries, b.distFiles(name, bin, p)...)
		}
	}
	if !slices.ContainsFunc(d.Binaries, func(e DistBinary) bool { return e.Archive != "" }) {
		d.Paths = nil
	}
	b.whole(b.add(Layer{From: b.add(d), Src: "/", Dest: "/", Name: TargetDist}))
}

// distFiles are the files of a binary for a platform, in the tree or in one archive.
func (b *builder) distFiles(name string, bin binary, p ocispecs.Platform) (files []DistBinary) {
	label := name + "-" + p.OS + "-" + p.Architecture
	if p.Variant != "" {
		label += "-" + p.Variant
	}
	for _, out := range outputs(name, bin, p) {
		f := DistBinary{From: b.compile(name, bin, p), Src: out, Name: label + strings.TrimPrefix(out, name)}
		if format := b.archiveFormat(p); format != "" {
			f.Name, f.Archive = out, label+"."+format
		}
		files = append(files, f)
	}
	return files
}

// archiveFormat is the suffix of archives for a platform, "" for none.
func (b *builder) archiveFormat(p ocispecs.Platform) string {
	switch format := b.spec.Dist.Archive; {
	case format == "none":
		return ""
	case format == "auto" && p.OS == "windows":
		return "zip"
	case format == "auto":
		return "tar.gz"
	default:
		return format
	}
}

// emitDeps adds the steps that compile what the binaries import from elsewhere.
// Their results are the layers of an image for each platform.
func (b *builder) emitDeps(platforms []ocispecs.Platform, names []string, binaries map[string]binary) {
	for _, p := range platforms {
		var s Summary
		t := Target{Name: TargetDeps, Platform: p}
		for _, name := range names {
			if !b.builds(binaries[name], p) {
				continue
			}
			deps := b.compileStep(name, binaries[name], p).Deps
			if slices.Contains(s.Deps, deps) {
				continue
			}
			s.Deps = append(s.Deps, deps)
			t.Layers = append(t.Layers, b.same(deps, b.plan.Steps[deps].(Deps).Folder()))
		}
		t.Layers = append(t.Layers, b.add(Layer{From: b.add(s), Src: "/", Dest: "/", Name: TargetDeps}))
		b.plan.Targets = append(b.plan.Targets, t)
	}
}

// emitOwn adds the steps that compile the binaries' own packages. Their results are the layers of an image for
// each platform, which no fresh machine needs the others for.
func (b *builder) emitOwn(platforms []ocispecs.Platform, names []string, binaries map[string]binary) {
	for _, p := range platforms {
		var deps []StepID
		users := map[StepID][]Compile{} // by deps step
		for _, name := range names {
			if !b.builds(binaries[name], p) {
				continue
			}
			c := b.objects(name, binaries[name], p)
			if users[c.Deps] == nil {
				deps = append(deps, c.Deps)
			}
			users[c.Deps] = append(users[c.Deps], c)
		}
		t := Target{Name: TargetOwn, Platform: p}
		for _, id := range deps {
			t.Layers = append(t.Layers, b.same(b.own(users[id]), b.plan.Steps[id].(Deps).OwnFolder()))
		}
		b.plan.Targets = append(b.plan.Targets, t)
	}
}

// same adds the layer that the whole result of a step is.
func (b *builder) same(id StepID, name string) StepID {
	return b.add(Layer{From: id, Src: "/", Dest: "/", Same: true, Name: name})
}

// own adds the step that compiles own packages for several compile steps of one Deps.
func (b *builder) own(of []Compile) StepID {
	s := Own{Compile: of[0], Outside: b.plan.Outside()}
	s.Source, s.Build, s.Binary, s.Package = b.context, "", "", ""
	for _, c := range of {
		s.Packages = append(s.Packages, c.Package)
	}
	return b.add(s)
}

// testRun is what one go command tests: packages below one module, or one workspace.
type testRun struct {
	module   string
	patterns []string
}

// emitTest adds the steps of the targets test and vet.
func (b *builder) emitTest(target string) {
	runs := b.testRuns()
	binaries := map[string]binary{}
	for _, r := range runs {
		binaries[r.module] = b.testBinary(r.module)
	}
	b.checkModules(binaries)
	names := sortedKeys(binaries)
	b.toolchain(names, binaries)
	b.context = b.add(Context{})
	narrow := Narrow{Context: b.context, Outside: b.outside(names, binaries)}
	builds := map[string]scan.Build{}
	p := b.plan.BuildPlatform
	for _, r := range runs {
		one := binaries[r.module]
		build := scan.Build{
			ID: "test-" + strings.ReplaceAll(r.module, "/", "-"), Set: b.set(one, p), Main: r.module, Module: r.module,
			Work: b.inWorkspace(one), Tests: b.testPatterns(r), Target: scanTarget(one.Build, p),
		}
		builds[r.module] = build
		narrow.Builds = append(narrow.Builds, build)
	}
	b.source = b.add(narrow)
	var layers []StepID
	for _, r := range runs {
		dest := "/" + target + ".txt"
		if len(runs) > 1 {
			dest = fmt.Sprintf("/%s-%s.txt", target, strings.ReplaceAll(r.module, "/", "-"))
		}
		layers = append(layers, b.add(Layer{From: b.test(target, binaries[r.module], builds[r.module], r), Src: testOutput, Dest: dest, Perm: 0o644, Name: dest}))
	}
	b.whole(layers...)
}

// testOutput is the name of the file that a Test step gives.
const testOutput = "output.txt"

// testBinary is how the tests of a module are compiled: as binaries are by default, for the
// build platform.
func (b *builder) testBinary(module string) binary {
	bin := binary{Build: merge(b.spec, spec.Build{}), parallel: b.spec.Go.Parallel, main: module, module: module, pos: b.spec.Pos("test"), test: true}
	if b.spec.Test.Race {
		bin.Flags = append(bin.Flags, "-race")
		bin.CGo = &spec.CGo{Enabled: true}
	}
	return b.placed(bin)
}

// test adds the step that runs the go command for a target.
func (b *builder) test(target string, bin binary, build scan.Build, r testRun) StepID {
	p := b.plan.BuildPlatform
	env := b.compileEnv("", bin, p)
	deps := b.deps(bin, build, compiledFor(bin, p, env["GOAMD64"]), env, b.cc("", bin, p))
	flags := bin.compileFlags()
	vet := slices.Concat([]string{"go", "vet"}, flags, r.patterns)
	t := Test{
		Source: b.context, Toolchain: deps.Toolchain, Std: deps.Std, Deps: b.add(deps), Name: target, Dir: bin.dir,
		Env: envList(without(env, moduleEnv)), Network: b.spec.Test.Network, Outside: b.plan.Outside(), Pos: bin.pos,
	}
	switch {
	case target == TargetVet:
		t.Commands = [][]string{vet}
	case b.spec.Test.Vet == nil || *b.spec.Test.Vet:
		t.Commands = [][]string{vet, slices.Concat([]string{"go", "test", "-count=1"}, flags, r.patterns)}
	default:
		t.Commands = [][]string{slices.Concat([]string{"go", "test", "-count=1", "-vet=off"}, flags, r.patterns)}
	}
	return b.add(t)
}

// testRuns parts the packages to test by the module that they are in; a workspace is one.
func (b *builder) testRuns() []testRun {
	patterns := b.spec.Test.Packages
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	var runs []testRun
	add := func(module, pattern string) {
		i := slices.IndexFunc(runs, func(r testRun) bool { return r.module == module })
		if i < 0 {
			i = len(runs)
			runs = append(runs, testRun{module: module})
		}
		runs[i].patterns = append(runs[i].patterns, pattern)
	}
	for i, pattern := range patterns {
		dir, rest := path.Clean(pattern), ""
		if base, ok := strings.CutSuffix(dir, "/..."); ok || dir == "..." {
			dir, rest = cmp.Or(strings.TrimSuffix(base, "..."), "."), "/..."
		}
		found := false
		for _, m := range b.testModules(dir, rest != "") {
			below := dir
			if rest != "" && !isBelow(dir, m) {
				below = m // all of a module below the pattern
			}
			found = true
			if b.facts.Work != nil {
				add(b.facts.Work.Use[0], pkgPath(below)+rest)
			} else {
				add(m, pkgPath(relative(m, below))+rest)
			}
		}
		if !found {
			b.errs.Add(b.spec.Pos("test", "packages", i), "no-package", "%s: no module holds it%s", pattern, b.noModules())
		}
	}
	return runs
}

func (b *builder) noModules() string {
	if len(b.facts.Modules) == 0 {
		return ", because the build context holds no go.mod (is the context the module's directory?)"
	}
	return ""
}

// testModules are the modules that a pattern takes packages of: the one around dir, else,
// when all below is meant, those below it. A workspace has only those that it uses.
func (b *builder) testModules(dir string, below bool) (out []string) {
	used := func(m string) bool { return b.facts.Work == nil || slices.Contains(b.facts.Work.Use, m) }
	around := b.facts.ModuleOf(dir)
	if around != "" && used(around) {
		out = append(out, around)
	}
	if below && (len(out) == 0 || b.facts.Work != nil) {
		for _, m := range b.facts.Modules {
			if m.Dir != around && used(m.Dir) && isBelow(m.Dir, dir) {
				out = append(out, m.Dir)
			}
		}
	}
	return out
}

// isBelow reports whether a directory is another or below it.
func isBelow(dir, other string) bool {
	return other == "." || dir == other || strings.HasPrefix(dir, other+"/")
}

// testPatterns are the packages of a run as paths below the context.
func (b *builder) testPatterns(r testRun) (out []string) {
	root := r.module
	if b.facts.Work != nil {
		root = "."
	}
	for _, pattern := range r.patterns {
		out = append(out, path.Join(root, pattern))
	}
	return out
}
