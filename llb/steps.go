package llb

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Where things are inside a step.
const (
	srcDir   = "/src"
	outDir   = "/out"
	buildDir = "/xbuild/build"   // GOCACHE, a cache mount
	modDir   = "/xbuild/mod"     // GOMODCACHE, a cache mount
	depsDir  = "/xbuild/deps"    // what the deps step gave: build cache entries
	proxyDir = "/xbuild/proxy"   // what the download step gave, as a GOPROXY
	fetchDir = "/xbuild/fetched" // GOMODCACHE of the download step
	toolPath = "/gostep"
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
	return onScratch(tool, source, buildPlatform, []string{"scan", srcDir, outDir, string(request)},
		[]bk.ConstraintsOpt{bk.WithCustomName("[source] scan"), bk.WithoutExportCache()})
}

// narrow runs on every change of source, on any machine: it costs less than to look for
// its result. Compile steps are found by the content of their folder in it.
func (e *emitter) narrow(s plan.Narrow) (bk.State, error) {
	builds, err := json.Marshal(s.Builds)
	if err != nil {
		return bk.State{}, err
	}
	opts := append(e.named(diag.Pos{}, "[source] narrow"), bk.WithoutExportCache())
	return onScratch(e.opt.Tool, e.states[s.Context], e.plan.BuildPlatform, []string{"narrow", srcDir, outDir, string(builds)}, opts), nil
}

// onScratch runs the step program on nothing but the source.
func onScratch(tool, source bk.State, p ocispecs.Platform, args []string, opts []bk.ConstraintsOpt) bk.State {
	run := []bk.RunOption{
		bk.Args(append([]string{toolPath}, args...)),
		toolMount(tool),
		bk.AddMount(srcDir, source, bk.Readonly),
		bk.Network(bk.NetModeNone),
		bk.Platform(p),
	}
	for _, o := range opts {
		run = append(run, o)
	}
	return bk.Scratch().Run(run...).AddMount(outDir, bk.Scratch())
}

// toolMount is content-addressed: a release of xbuild with the same step program finds
// the steps of the one before.
func toolMount(tool bk.State) bk.RunOption {
	return bk.AddMount(toolPath, tool, bk.SourcePath(toolPath), bk.Readonly)
}

// modules downloads into the output what a module cache keeps below cache/download:
// zip files, go.mod files and their hashes, which together are a GOPROXY on disk.
// Cache mounts do not survive the machine, so the result may not be one; but what
// compile steps put into theirs serves here as the nearest proxy.
func (e *emitter) modules(s plan.Modules) bk.State {
	env := append(s.Env,
		"GOMODCACHE="+fetchDir,
		"GOPROXY=file://"+path.Join(modDir, "cache/download")+","+s.Proxy)
	exec := e.run(s.Dir, []string{"go", "mod", "download"}, env,
		e.named(diag.Pos{}, "[modules] go mod download"),
		// Writable, since go adds missing lines to go.sum. They are dropped: compile names the
		// import that wants them.
		bk.AddMount(srcDir, e.states[s.Source], bk.ForceNoOutput),
		e.cacheMount(modDir, modCache))
	return exec.AddMount(path.Join(fetchDir, "cache/download"), bk.Scratch())
}

// compile builds one binary and checks that it is what was asked for.
func (e *emitter) compile(s plan.Compile) bk.State {
	args := append([]string{toolPath, "compile", depsDir, "go", "build"}, s.Flags...)
	args = append(args, "-o", path.Join(outDir, s.Output), s.Package)
	opts := []bk.RunOption{
		toolMount(e.opt.Tool),
		bk.AddMount(srcDir, e.states[s.Source], bk.SourcePath("/"+s.Build), bk.Readonly),
		byDefinition(depsDir, e.states[s.Deps]),
	}
	env, mounts := e.offline(s.Env, s.Modules)
	name := fmt.Sprintf("[%s %s] compile", s.Binary, platforms.Format(s.Platform))
	return e.run(s.Dir, args, env, e.named(s.Pos, name), append(opts, mounts...)...).AddMount(outDir, bk.Scratch())
}

// deps compiles what is imported from elsewhere. Its result is content for compile's cache
// mount, as a layer.
func (e *emitter) deps(s plan.Deps) bk.State {
	args := append([]string{toolPath, "deps", srcDir, outDir, s.Dir, "go", "build"}, s.Flags...)
	opts := []bk.RunOption{
		toolMount(e.opt.Tool),
		bk.AddMount(srcDir, e.states[s.Source], bk.SourcePath("/"+s.Set), bk.Readonly),
	}
	env, mounts := e.offline(s.Env, s.Modules)
	name := fmt.Sprintf("[deps %s] compile", platforms.Format(s.Platform))
	return e.run("", args, env, e.named(diag.Pos{}, name), append(opts, mounts...)...).AddMount(outDir, bk.Scratch())
}

// offline is the environment and the mounts of a step that compiles: the network off, both
// caches, and the modules from the download step alone, whose content go.sum vouches for.
func (e *emitter) offline(env []string, modules plan.StepID) ([]string, []bk.RunOption) {
	env = append(env[:len(env):len(env)], "GOCACHE="+buildDir, "GOMODCACHE="+modDir, "GONOPROXY=none", "GOSUMDB=off")
	mounts := []bk.RunOption{bk.Network(bk.NetModeNone), e.cacheMount(buildDir, buildCache), e.cacheMount(modDir, modCache)}
	if modules == plan.NoStep {
		return append(env, "GOPROXY=off"), mounts
	}
	return append(env, "GOPROXY=file://"+proxyDir), append(mounts, byDefinition(proxyDir, e.states[modules]))
}

// byDefinition mounts a step's result that is keyed by how it was made: a fresh machine
// then finds what uses it in a cache without pulling it.
func byDefinition(dir string, st bk.State) bk.RunOption {
	return bk.AddMount(dir, st, bk.Readonly, bk.ContentCache(bk.MountContentCacheOff))
}

// run runs a go command of the toolchain on the build platform.
func (e *emitter) run(dir string, args, env []string, named []bk.ConstraintsOpt, opts ...bk.RunOption) bk.ExecState {
	run := []bk.RunOption{
		bk.Args(args),
		bk.Dir(path.Join(srcDir, dir)),
		bk.User("0"),
		bk.Platform(e.plan.BuildPlatform),
		bk.AddEnv("HOME", "/tmp"),
		bk.AddMount("/tmp", bk.Scratch(), bk.Tmpfs()),
	}
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		run = append(run, bk.AddEnv(k, v))
	}
	for _, o := range named {
		run = append(run, o)
	}
	return e.toolchain.Run(slices.Concat(run, opts, e.opt.Run)...)
}

// cacheMount keeps dir on the daemon between builds, shared by all that run at once.
// The id has the form that docker/dockerfile gives it, so that both can share one.
func (e *emitter) cacheMount(dir, id string) bk.RunOption {
	return bk.AddMount(dir, bk.Scratch(), bk.AsPersistentCacheDir(e.opt.CacheNamespace+"/"+id, bk.CacheMountShared))
}
