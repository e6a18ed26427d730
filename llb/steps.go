package llb

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Where things are inside a step.
const (
	srcDir     = "/src"
	outDir     = "/out"
	storeDir   = "/xbuild/build" // build cache, a cache mount
	modDir     = "/xbuild/mod"   // GOMODCACHE, a cache mount
	stdDir     = "/xbuild/std"   // what the std step gave
	depsDir    = "/xbuild/deps"  // what the deps step gave
	ownDir     = "/xbuild/own"   // what a compile step that links nothing gave
	inDir      = "/in"           // results of several steps, by number
	toolPath   = "/gostep"
	systemPath = "/system"
)

// Ids of the cache mounts that all binaries, platforms and projects share.
const (
	buildCache = "xbuild/go-build"
	modCache   = "xbuild/go-mod"
)

// Scan runs the scan on the source and gives a state whose only file is the facts. The
// request is a scan.Request as JSON; the tool is a state that holds the step program as
// /gostep. The result is read by the frontend alone, so no cache export takes it along.
func Scan(request []byte, source, tool bk.State, buildPlatform ocispecs.Platform) bk.State {
	return onScratch(tool, buildPlatform, []string{"scan", srcDir, outDir, string(request)},
		[]bk.ConstraintsOpt{bk.WithCustomName("[source] scan"), bk.WithoutExportCache()}, bk.AddMount(srcDir, source, bk.Readonly))
}

// Narrow narrows the source and gives a state with what scan.Narrow writes.
func Narrow(builds []scan.Build, source, tool bk.State, buildPlatform ocispecs.Platform) (bk.State, error) {
	return narrow(builds, tool, buildPlatform, nil, []bk.ConstraintsOpt{bk.WithCustomName("[source] narrow")}, bk.AddMount(srcDir, source, bk.Readonly))
}

// narrow runs on every change of source, on any machine: it costs less than to look for
// its result. Compile steps are found by the content of their folder in it. Where a seed is taken or made it
// looks at the build cache too.
func (e *emitter) narrow(s plan.Narrow) (bk.State, error) {
	var options []string
	mounts := e.whole(s.Context, s.Outside, bk.Readonly)
	if e.plan.Seed != "" || e.plan.Target == plan.TargetDeps || e.plan.Target == plan.TargetOwn {
		options = []string{"-store", storeDir}
		mounts = append(mounts, e.cacheMount(storeDir, buildCache))
	}
	return narrow(rooted(s.Builds, e.plan.Root()), e.opt.Tool, e.plan.BuildPlatform, options, e.named(diag.Pos{}, e.plan.NameOf(s)), mounts...)
}

func narrow(builds []scan.Build, tool bk.State, p ocispecs.Platform, options []string, named []bk.ConstraintsOpt, mounts ...bk.RunOption) (bk.State, error) {
	data, err := json.Marshal(builds)
	if err != nil {
		return bk.State{}, err
	}
	args := slices.Concat([]string{"narrow"}, options, []string{srcDir, outDir, string(data)})
	return onScratch(tool, p, args, append(named, bk.WithoutExportCache()), mounts...), nil
}

// onScratch runs the step program on nothing but what is mounted.
func onScratch(tool bk.State, p ocispecs.Platform, args []string, opts []bk.ConstraintsOpt, mounts ...bk.RunOption) bk.State {
	run := []bk.RunOption{
		bk.Args(append([]string{toolPath}, args...)),
		toolMount(tool),
		bk.Network(bk.NetModeNone),
		bk.Platform(p),
	}
	for _, o := range opts {
		run = append(run, o)
	}
	return bk.Scratch().Run(append(run, mounts...)...).AddMount(outDir, bk.Scratch())
}

// system makes what programs expect of a system, with a program of its own: its data is in no
// other step's key.
func (e *emitter) system(s plan.System) bk.State {
	run := []bk.RunOption{
		bk.Args([]string{systemPath, outDir}),
		bk.AddMount(systemPath, e.opt.Tool, bk.SourcePath(systemPath), bk.Readonly),
		bk.Network(bk.NetModeNone),
		bk.Platform(e.plan.BuildPlatform),
	}
	for _, o := range e.named(diag.Pos{}, e.plan.NameOf(s)) {
		run = append(run, o)
	}
	return bk.Scratch().Run(run...).AddMount(outDir, bk.Scratch())
}

// toolMount is content-addressed: a release of xbuild with the same step program finds
// the steps of the one before.
func toolMount(tool bk.State) bk.RunOption {
	return bk.AddMount(toolPath, tool, bk.SourcePath(toolPath), bk.Readonly)
}

// prune makes the root file system of steps that compile pure Go, with the environment of
// the toolchain image.
func (e *emitter) prune() bk.State {
	exec := e.run("/", []string{toolPath, "prune", outDir}, nil, e.named(diag.Pos{}, e.plan.NameOf(plan.Prune{})),
		toolMount(e.opt.Tool), bk.Network(bk.NetModeNone))
	return e.toolchain.WithOutput(exec.AddMount(outDir, bk.Scratch()).Output())
}

// std compiles the standard library. Its key is the list alone, the flags and the toolchain.
func (e *emitter) std(s plan.Std) bk.State {
	args := append([]string{toolPath, "std", "-store", storeDir, "-out", outDir, "--", "go", "build"}, s.Flags...)
	return e.runOn(e.root(s.Toolchain), srcDir, args, offline(s.Env), e.named(diag.Pos{}, e.plan.NameOf(s)),
		toolMount(e.opt.Tool),
		bk.Network(bk.NetModeNone),
		bk.AddMount(srcDir, e.states[s.Source], bk.SourcePath(path.Join("/", s.Set, "std")), bk.Readonly),
		e.cacheMount(storeDir, buildCache),
	).AddMount(outDir, bk.Scratch())
}

// deps downloads and compiles what is imported from elsewhere.
func (e *emitter) deps(s plan.Deps) bk.State {
	args := []string{toolPath, "deps", "-store", storeDir, "-out", path.Join(outDir, s.Folder()), "-dir", path.Join(e.plan.Root(), s.Dir)}
	env := s.Env
	opts := []bk.RunOption{
		toolMount(e.opt.Tool),
		bk.AddMount(srcDir, e.states[s.Source], bk.SourcePath("/"+s.Set), bk.Readonly),
		e.cacheMount(storeDir, buildCache),
	}
	if s.Std != plan.NoStep {
		args = append(args, "-layer", stdDir)
		opts = append(opts, byDefinition(stdDir, e.states[s.Std]))
	}
	if s.Profile != "" {
		args = append(args, "-profile", path.Join(e.plan.Root(), s.Profile))
	}
	if s.Download {
		args = append(args, "-modules", path.Join(depsDir, "mod"))
		env = append(env[:len(env):len(env)], "GOMODCACHE="+modDir)
		private, network := e.network(s.Private)
		args = append(args, private...)
		opts = append(append(opts, e.cacheMount(modDir, modCache)), network...)
	} else {
		env = offline(env)
		opts = append(opts, bk.Network(bk.NetModeNone))
	}
	if s.Compile {
		args = append(args, "-compile")
	}
	args = append(append(args, "--", "go", "build"), s.Flags...)
	return e.runOn(e.root(s.Toolchain), srcDir, args, env, e.named(diag.Pos{}, e.plan.NameOf(s)), opts...).AddMount(outDir, bk.Scratch())
}

// compile builds one binary and checks that it is what was asked for, or compiles its
// packages for a link, which then has them as objects.
func (e *emitter) compile(s plan.Compile, objects plan.StepID, name string) bk.State {
	command, result := "compile", []string{"-o", path.Join(outDir, s.Output)}
	switch {
	case objects != plan.NoStep:
		command = "link"
	case s.Output == "":
		result = []string{"-objects", outDir}
	}
	source := []bk.RunOption{bk.AddMount(srcDir, e.states[s.Source], bk.SourcePath("/"+s.Build), bk.Readonly)}
	return e.goBuild(s, source, command, objects, result, []string{s.Package}, name)
}

// own compiles the packages of several binaries.
func (e *emitter) own(s plan.Own) bk.State {
	folder := e.plan.Steps[s.Deps].(plan.Deps).OwnFolder()
	return e.goBuild(s.Compile, e.whole(s.Source, s.Outside, bk.Readonly), "compile", plan.NoStep, []string{"-objects", path.Join(outDir, folder)}, s.Packages, e.plan.NameOf(s))
}

// goBuild runs a command of the step program that runs go build, with the mounts of its source and the options of its result.
func (e *emitter) goBuild(s plan.Compile, source []bk.RunOption, command string, objects plan.StepID, result, packages []string, name string) bk.State {
	args := []string{toolPath, command, "-store", storeDir}
	opts := append(source,
		toolMount(e.opt.Tool),
		bk.Network(bk.NetModeNone),
		e.cacheMount(storeDir, buildCache),
	)
	if s.Std != plan.NoStep {
		args, opts = append(args, "-layer", stdDir), append(opts, byDefinition(stdDir, e.states[s.Std]))
	}
	args, opts = append(args, "-layer", depsDir), append(opts, e.depsMount(s.Deps))
	if objects != plan.NoStep {
		args, opts = append(args, "-layer", ownDir), append(opts, byDefinition(ownDir, e.states[objects]))
	}
	args = slices.Concat(args, result, []string{"--", "go", "build"}, s.Flags, packages)
	env := offline(s.Env)
	if e.plan.Steps[s.Deps].(plan.Deps).Download {
		env = append(env, "GOMODCACHE="+path.Join(depsDir, "mod"))
	}
	return e.runOn(e.root(s.Toolchain), path.Join(e.src, s.Dir), args, env, e.named(s.Pos, name), opts...).AddMount(outDir, bk.Scratch())
}

// http is a file from a URL, checked by its digest.
func (e *emitter) http(s plan.HTTP) (bk.State, error) {
	sum, err := digest.Parse(s.Checksum)
	if err != nil {
		return bk.State{}, fmt.Errorf("checksum of %s: %w", s.URL, err)
	}
	opts := []bk.HTTPOption{bk.Filename(plan.HTTPFile), bk.Checksum(sum), bk.Chmod(0o644)}
	for _, o := range e.named(s.Pos, e.plan.NameOf(s)) {
		opts = append(opts, o)
	}
	return bk.HTTP(s.URL, opts...), nil
}

// tool compiles a program of a module of its own.
func (e *emitter) tool(s plan.Tool) bk.State {
	private, opts := e.network(s.Private)
	args := slices.Concat([]string{toolPath, "tool", "-store", storeDir, "-o", path.Join(outDir, s.Output)}, private,
		[]string{"--", "go", "install", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", s.Package + "@" + s.Version})
	return e.run("/", args, append(s.Env[:len(s.Env):len(s.Env)], "GOMODCACHE="+modDir), e.named(diag.Pos{}, e.plan.NameOf(s)), append(opts,
		toolMount(e.opt.Tool),
		e.cacheMount(storeDir, buildCache),
		e.cacheMount(modDir, modCache),
	)...).AddMount(outDir, bk.Scratch())
}

// setcap gives a file its capabilities.
func (e *emitter) setcap(s plan.Setcap) bk.State {
	args := []string{"setcap", path.Join(srcDir, s.Src), outDir, s.Capabilities}
	return onScratch(e.opt.Tool, e.plan.BuildPlatform, args, e.named(s.Pos, e.plan.NameOf(s)), bk.AddMount(srcDir, e.states[s.From], bk.Readonly))
}

// test runs go commands on the whole toolchain image, with a source that they may write to.
func (e *emitter) test(s plan.Test) (bk.State, error) {
	commands, err := json.Marshal(s.Commands)
	if err != nil {
		return bk.State{}, err
	}
	args := []string{toolPath, "test", "-store", storeDir, "-out", outDir}
	env := offline(s.Env)
	opts := append(e.whole(s.Source, s.Outside),
		toolMount(e.opt.Tool),
		e.cacheMount(storeDir, buildCache),
	)
	if !s.Network {
		opts = append(opts, bk.Network(bk.NetModeNone))
	} else if e.opt.Network != pb.NetMode_UNSET {
		opts = append(opts, bk.Network(e.opt.Network))
	}
	if s.Std != plan.NoStep {
		args, opts = append(args, "-layer", stdDir), append(opts, byDefinition(stdDir, e.states[s.Std]))
	}
	args, opts = append(args, "-layer", depsDir), append(opts, e.depsMount(s.Deps))
	if e.plan.Steps[s.Deps].(plan.Deps).Download {
		env = append(env, "GOMODCACHE="+path.Join(depsDir, "mod"))
	}
	args = append(args, "--", string(commands))
	st := e.runOn(e.root(s.Toolchain), path.Join(e.src, s.Dir), args, env, e.named(s.Pos, e.plan.NameOf(s)), opts...)
	return st.AddMount(outDir, bk.Scratch()), nil
}

// dist puts binaries of several platforms into one tree.
func (e *emitter) dist(s plan.Dist) (bk.State, error) {
	d := gostep.Dist{Epoch: e.plan.Epoch, Files: s.Paths, Root: srcDir}
	var opts []bk.RunOption
	for i, b := range s.Binaries {
		dir := path.Join(inDir, strconv.Itoa(i))
		opts = append(opts, bk.AddMount(dir, e.states[b.From], bk.Readonly))
		d.Binaries = append(d.Binaries, gostep.DistBinary{File: path.Join(dir, b.Src), Name: b.Name, Archive: b.Archive})
	}
	data, err := json.Marshal(d)
	if err != nil {
		return bk.State{}, err
	}
	if len(s.Paths) > 0 {
		opts = append(opts, bk.AddMount(srcDir, e.states[s.Files], bk.Readonly))
	}
	return onScratch(e.opt.Tool, e.plan.BuildPlatform, []string{"dist", outDir, string(data)},
		e.named(diag.Pos{}, e.plan.NameOf(s)), opts...), nil
}

// summary needs what the deps steps give, and says how large it is.
func (e *emitter) summary(s plan.Summary) bk.State {
	args := []string{"summary", outDir}
	var opts []bk.RunOption
	for i, id := range s.Deps {
		dir := path.Join(inDir, strconv.Itoa(i))
		args = append(args, platforms.Format(e.plan.Steps[id].(plan.Deps).Platform), dir)
		opts = append(opts, byDefinition(dir, e.states[id]))
	}
	return onScratch(e.opt.Tool, e.plan.BuildPlatform, args, e.named(diag.Pos{}, e.plan.NameOf(s)), opts...)
}

// offline is env with no way to a module that is not there.
func offline(env []string) []string {
	return append(env[:len(env):len(env)], "GONOPROXY=none", "GOPROXY=off", "GOSUMDB=off")
}

// byDefinition mounts a step's result that is keyed by how it was made: a fresh machine
// then finds what uses it in a cache without pulling it.
func byDefinition(dir string, st bk.State, opts ...bk.MountOption) bk.RunOption {
	return bk.AddMount(dir, st, append(opts, bk.Readonly, bk.ContentCache(bk.MountContentCacheOff))...)
}

// depsMount mounts what a deps step gave.
func (e *emitter) depsMount(id plan.StepID) bk.RunOption {
	return byDefinition(depsDir, e.states[id], bk.SourcePath(path.Join("/", e.plan.Steps[id].(plan.Deps).Folder())))
}

// run runs the step program on the toolchain image.
func (e *emitter) run(dir string, args, env []string, named []bk.ConstraintsOpt, opts ...bk.RunOption) bk.ExecState {
	return e.runOn(e.toolchain, dir, args, env, named, opts...)
}

// runOn runs the step program on a root file system with a go command, on the build platform.
func (e *emitter) runOn(root bk.State, dir string, args, env []string, named []bk.ConstraintsOpt, opts ...bk.RunOption) bk.ExecState {
	run := []bk.RunOption{
		bk.Args(args),
		bk.Dir(dir),
		bk.User("0"),
		bk.Platform(e.plan.BuildPlatform),
		bk.AddEnv("HOME", "/tmp"),
		bk.AddMount("/tmp", bk.Scratch(), bk.Tmpfs()),
	}
	for _, kv := range env {
		run = append(run, setEnv(kv))
	}
	for _, o := range named {
		run = append(run, o)
	}
	return root.Run(slices.Concat(run, opts, e.opt.Run)...)
}

// setEnv sets a variable, given as KEY=value.
func setEnv(kv string) bk.RunOption {
	k, v, _ := strings.Cut(kv, "=")
	return bk.AddEnv(k, v)
}

// cacheMount keeps dir on the daemon between builds, shared by all that run at once.
// The id has the form that docker/dockerfile gives it, so that both can share one.
func (e *emitter) cacheMount(dir, id string) bk.RunOption {
	return bk.AddMount(dir, bk.Scratch(), bk.AsPersistentCacheDir(e.opt.CacheNamespace+"/"+id, bk.CacheMountShared))
}
