package dockerfile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Where things are in stages that run the go command.
const (
	srcDir   = "/src"
	outDir   = "/out"
	buildDir = "/go/build" // GOCACHE of what is in layers
	modDir   = "/go/mod"   // GOMODCACHE
	cacheDir = "/cache"    // a cache mount
)

// Mounts that all stages share, and other builds on the machine.
const (
	buildMount = "--mount=type=cache,id=go-build,target=" + cacheDir
	modMount   = "--mount=type=cache,id=go-mod,target=" + cacheDir
	offline    = "--network=none"
)

// moduleEnv are the variables that say where modules come from.
var moduleEnv = []string{"GOAUTH", "GOINSECURE", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOPROXY", "GOSUMDB", "GOVCS"}

// across are the steps that make one thing of a plan, by platform; plan.NoStep where there is none.
type across []plan.StepID

// each makes a stage for every platform that has the step.
func each[S plan.Step](p *plan.Plan, ids across, make func(i int, s S) *stage) []*stage {
	out := []*stage{}
	for i, id := range ids {
		if id == plan.NoStep {
			out = append(out, nil)
			continue
		}
		out = append(out, make(i, p.Steps[id].(S)))
	}
	return out
}

// every gives of each step another step's id.
func every[S plan.Step](p *plan.Plan, ids across, of func(S) plan.StepID) (out across) {
	for _, id := range ids {
		if id == plan.NoStep {
			out = append(out, id)
			continue
		}
		out = append(out, of(p.Steps[id].(S)))
	}
	return out
}

func none(ids across) bool {
	return !slices.ContainsFunc(ids, func(id plan.StepID) bool { return id != plan.NoStep })
}

// toolchain is the stage that all others which run the go command come from.
func (e *emitter) toolchain(p *plan.Plan) string {
	s := &stage{from: "--platform=$BUILDPLATFORM " + e.word(p.Toolchain.Pos, p.Toolchain.Image)}
	env := []string{"GOCACHE=" + buildDir, "GOMODCACHE=" + modDir}
	for _, kv := range e.common() {
		env = append(env, e.envWord(p.Toolchain.Pos, kv))
	}
	s.env(env)
	s.add("WORKDIR %s", sourceDir(p))
	return e.stage("toolchain", "", []ocispecs.Platform{p.BuildPlatform}, []*stage{s})
}

func sourceDir(p *plan.Plan) string { return path.Join(srcDir, p.Root()) }

// root is the stage that a step runs on: the toolchain, or what has a C compiler besides.
func (e *emitter) root(p *plan.Plan, cc across) string {
	if none(cc) {
		return e.toolchain(p)
	}
	return e.cc(p, cc)
}

// modules is the stage with all modules of a go.mod or go.work in a layer.
func (e *emitter) modules(p *plan.Plan, d plan.Deps) string {
	s := &stage{from: e.toolchain(p)}
	var env []string
	for _, kv := range d.Env {
		if key, _, _ := strings.Cut(kv, "="); slices.Contains(moduleEnv, key) || key == "GOWORK" {
			env = append(env, e.envWord(diag.Pos{}, kv))
		}
	}
	s.env(env)
	e.copyModules(s, p, d)
	e.workdir(s, p, d.Dir)
	options, login := e.login(d.Private)
	s.run(append([]string{modMount}, options...), append(login,
		`mkdir -p "$GOMODCACHE/cache/download"`,
		"GOMODCACHE="+cacheDir+" go mod download",
		"GONOPROXY=none GOPROXY=file://"+cacheDir+"/cache/download GOSUMDB=off go mod download",
		`find "$GOMODCACHE/cache/download" -name '*.zip' -exec rm {} +`)...)
	return e.stage("modules", "All modules, in a layer: a machine that imports the cache downloads none.",
		[]ocispecs.Platform{p.BuildPlatform}, []*stage{s})
}

// copyModules copies the files that say which modules there are, and vendored ones.
func (e *emitter) copyModules(s *stage, p *plan.Plan, d plan.Deps) {
	var vendor []string
	single := true
	for _, f := range e.set(d).Files {
		switch dir, _, ok := strings.Cut("/"+f, "/vendor/"); {
		case ok:
			vendor = append(vendor, strings.TrimPrefix(dir+"/vendor", "/"))
		default:
			single = single && (f == "go.mod" || f == "go.sum")
		}
	}
	if single {
		s.add("COPY go.mod go.sum* ./")
	} else {
		s.add("COPY --parents go.work* **/go.mod **/go.sum ./")
	}
	for _, dir := range distinct(vendor) {
		s.add("COPY %s", e.jsonWords(diag.Pos{}, []string{literal(dir), "./" + dir}))
	}
	if d.Profile != "" {
		s.add("COPY %s", e.jsonWords(diag.Pos{}, []string{literal(d.Profile), "./" + d.Profile}))
	}
	e.outside(s, p)
}

// outside copies the modules that are not in the build context, each from a context of its name.
func (e *emitter) outside(s *stage, p *plan.Plan) {
	for _, o := range p.Outside() {
		named := p.Steps[o.From].(plan.Named)
		s.add("COPY --from=%s / %s", e.word(named.Pos, named.Name), e.word(named.Pos, path.Join(sourceDir(p), o.Dir)))
	}
}

// workdir goes to a directory below the source.
func (e *emitter) workdir(s *stage, p *plan.Plan, dir string) {
	if dir != "." && dir != "" {
		s.add("WORKDIR %s", e.word(diag.Pos{}, path.Join(sourceDir(p), dir)))
	}
}

// std is the stage with the standard library compiled.
func (e *emitter) std(p *plan.Plan, platforms []ocispecs.Platform, ids across) string {
	root := e.root(p, every(p, ids, func(s plan.Std) plan.StepID { return s.Toolchain }))
	env := e.environments(platforms, envOf(p, ids))
	stages := each(p, ids, func(i int, std plan.Std) *stage {
		s := &stage{from: root}
		s.env(env[i])
		command := append([]string{"go", "build"}, e.flags(diag.Pos{}, std.Flags)...)
		s.run([]string{offline}, wrap(append(command, e.words(e.stdlib(std))...), "      "))
		return s
	})
	return e.stage("std", "The standard library, compiled.", platforms, stages)
}

// deps is the stage with what binaries import from elsewhere compiled.
func (e *emitter) deps(p *plan.Plan, platforms []ocispecs.Platform, ids across) string {
	var from string
	var known [][]string
	if std := every(p, ids, func(d plan.Deps) plan.StepID { return d.Std }); none(std) {
		from = e.root(p, every(p, ids, func(d plan.Deps) plan.StepID { return d.Toolchain }))
	} else {
		from, known = e.std(p, platforms, std), e.environments(platforms, envOf(p, std))
	}
	env := e.environments(platforms, envOf(p, ids))
	stages := each(p, ids, func(i int, d plan.Deps) *stage {
		s := &stage{from: from}
		own := env[i]
		if known != nil {
			own = rest(own, known[i])
		}
		s.env(own)
		e.copyModules(s, p, d)
		if d.Download {
			s.add("COPY --from=%s %s %s", e.modules(p, d), modDir, modDir)
		}
		e.workdir(s, p, d.Dir)
		e.compileImports(s, p, d)
		return s
	})
	return e.stage("deps", `What the programs import from elsewhere, compiled. It is a layer too, so a machine that imports the cache
compiles own packages only. A list that is out of date makes builds slower, not wrong.`, platforms, stages)
}

// set is what all binaries take from elsewhere that the step can serve: those which are compiled
// alike, of all modules of a workspace.
func (e *emitter) set(d plan.Deps) (out Set) {
	alike := func(d plan.Deps) string {
		d.Set, d.Source, d.Std, d.Toolchain = "", 0, 0, min(d.Toolchain, 0)
		return fmt.Sprintf("%+v", d)
	}
	for _, p := range e.in.Plans {
		for _, s := range p.Steps {
			if o, ok := s.(plan.Deps); ok && !p.Whole && alike(o) == alike(d) {
				set := e.in.Sets[o.Set]
				out.Imports, out.Files = append(out.Imports, set.Imports...), append(out.Files, set.Files...)
			}
		}
	}
	if out.Imports == nil { // of tests alone
		return e.in.Sets[d.Set]
	}
	out.Imports, out.Files = distinct(out.Imports), distinct(out.Files)
	return out
}

// stdlib is the longest list of the standard library among those that are compiled alike.
func (e *emitter) stdlib(s plan.Std) (list []string) {
	for _, p := range e.in.Plans {
		for _, step := range p.Steps {
			o, ok := step.(plan.Std)
			if ok && slices.Equal(o.Flags, s.Flags) && slices.Equal(o.Env, s.Env) && len(e.in.Sets[o.Set].Std) > len(list) {
				list = e.in.Sets[o.Set].Std
			}
		}
	}
	return list
}

func distinct(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }

// listFlags are those of go build that decide which packages there are.
var listFlags = []string{"-tags", "-mod", "-modfile", "-modcacherw", "-race", "-msan", "-asan", "-buildmode"}

// compileImports compiles a list of packages, but for those that are no longer there.
func (e *emitter) compileImports(s *stage, p *plan.Plan, d plan.Deps) {
	imports := e.words(e.set(d).Imports)
	if !d.Compile || len(imports) == 0 {
		return
	}
	list := []string{"go", "list", "-e", "-f", "'{{if not .Incomplete}}{{.ImportPath}}{{end}}'"}
	for _, f := range d.Flags {
		if name, _, _ := strings.Cut(f, "="); slices.Contains(listFlags, name) {
			list = append(list, e.flags(diag.Pos{}, []string{f})...)
		}
	}
	build := append([]string{"xargs", "-r", "go", "build"}, e.flags(diag.Pos{}, d.Flags)...)
	if d.Profile != "" {
		build = append(build, e.sh(diag.Pos{}, "-pgo="+path.Join(sourceDir(p), d.Profile)))
	}
	s.run([]string{offline}, wrap(append(list, imports...), "      ")+" \\\n    | "+wrap(build, "      ")+" || true")
}

// build is the stage whose /out holds a binary.
func (e *emitter) build(p *plan.Plan, platforms []ocispecs.Platform, ids across) string {
	compile := func(id plan.StepID) plan.Compile {
		if link, ok := p.Steps[id].(plan.Link); ok {
			return link.Compile
		}
		return p.Steps[id].(plan.Compile)
	}
	var deps across
	var envs [][]string
	name := ""
	for _, id := range ids {
		if id == plan.NoStep {
			deps, envs = append(deps, id), append(envs, nil)
			continue
		}
		c := compile(id)
		name = c.Binary
		deps, envs = append(deps, c.Deps), append(envs, c.Env)
	}
	from := e.source(p, platforms, deps)
	env, known := e.environments(platforms, envs), e.environments(platforms, envOf(p, deps))
	var stages []*stage
	for i, id := range ids {
		if id == plan.NoStep {
			stages = append(stages, nil)
			continue
		}
		s := &stage{from: from}
		s.env(rest(env[i], known[i]))
		e.goBuild(s, compile(id), p.Steps[deps[i]].(plan.Deps))
		stages = append(stages, s)
	}
	return e.stage("build-"+name, "", platforms, stages)
}

// source is the stage that has the source besides.
func (e *emitter) source(p *plan.Plan, platforms []ocispecs.Platform, deps across) string {
	from := e.deps(p, platforms, deps)
	stages := each(p, deps, func(_ int, d plan.Deps) *stage {
		s := &stage{from: from}
		s.add("COPY . %s", sourceDir(p))
		return s
	})
	return e.stage("source", "", platforms, stages)
}

// goBuild compiles own packages and links, from what is compiled in layers and on this machine.
func (e *emitter) goBuild(s *stage, c plan.Compile, d plan.Deps) {
	build := append([]string{"GOCACHE=" + cacheDir, "go", "build"}, e.flags(c.Pos, c.Flags)...)
	build = append(build, "-o", e.sh(c.Pos, path.Join(outDir, c.Output)), e.sh(c.Pos, c.Package))
	commands := []string{wrap(build, "      ")}
	if d.Compile {
		// Two platforms at once make the same folders, which BusyBox takes for an error: the second time they are all there.
		fill := "cp -Ru " + buildDir + "/. " + cacheDir
		commands = append([]string{"{ " + fill + " || " + fill + "; }"}, commands...)
	}
	s.run([]string{offline, buildMount}, commands...)
}

// flags writes flags of the go command for a shell.
func (e *emitter) flags(pos diag.Pos, flags []string) (out []string) {
	for _, f := range flags {
		if value, ok := strings.CutPrefix(f, "-ldflags="); ok {
			f = "-ldflags=" + e.quoteArgs(value)
		}
		out = append(out, e.sh(pos, f))
	}
	return out
}

// quoteArgs puts quotes, as the go command takes them, around words of the linker's flags that
// are build args: their values may have spaces.
func (e *emitter) quoteArgs(ldflags string) string {
	words := strings.Split(ldflags, " ")
	for i, w := range words {
		if hasArg(e.parts(w)) && !strings.ContainsAny(w, `'"`) && strings.Count(strings.Join(words[:i], " "), "'")%2 == 0 {
			words[i] = "'" + w + "'"
		}
	}
	return strings.Join(words, " ")
}

func (e *emitter) words(list []string) (out []string) {
	for _, w := range list {
		out = append(out, e.sh(diag.Pos{}, w))
	}
	return out
}
