package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// app is the facts of one module with main packages in the directories.
func app(mains ...string) *scan.Facts {
	return facts([]scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26"}}, mains...)
}

func facts(modules []scan.Module, mains ...string) *scan.Facts {
	f := &scan.Facts{Modules: modules}
	for _, dir := range mains {
		f.Mains = append(f.Mains, scan.Main{Dir: dir, Module: f.ModuleOf(dir)})
	}
	return f
}

// with changes facts.
func with(f *scan.Facts, change func(*scan.Facts)) *scan.Facts {
	change(f)
	return f
}

// request is made on a linux/amd64 builder.
func request(target string, list ...string) plan.Request {
	r := plan.Request{Target: target, BuildPlatform: platforms.MustParse("linux/amd64")}
	for _, p := range list {
		r.Platforms = append(r.Platforms, platforms.MustParse(p))
	}
	return r
}

func parse(t testing.TB, yaml string) *spec.Spec {
	t.Helper()
	s, err := spec.Parse("x.yaml", []byte(yaml))
	if err != nil {
		t.Fatalf("the spec of the test is wrong: %v", err)
	}
	return s
}

// newPlan plans, and holds what is true of every plan and every error.
func newPlan(t testing.TB, yaml string, facts *scan.Facts, req plan.Request) (*plan.Plan, error) {
	t.Helper()
	p, err := plan.New(parse(t, yaml), facts, req)
	again, errAgain := plan.New(parse(t, yaml), facts, req)
	if err != nil {
		var list diag.List
		if !errors.As(err, &list) {
			t.Errorf("the error is a %T, not a diag.List", err)
		}
		if p != nil || errAgain == nil || errAgain.Error() != err.Error() {
			t.Errorf("plan is %v, and planned again the error is\n%v, first\n%v", p, errAgain, err)
		}
		return nil, err
	}
	if a, b := asJSON(t, p), asJSON(t, again); a != b {
		t.Errorf("two plans of the same input differ:\n%s\n%s", a, b)
	}
	checkSteps(t, p)
	return p, nil
}

func asJSON(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// hasSet reports whether a step narrows source for builds of a set.
func hasSet(s plan.Step, set string) bool {
	source, ok := s.(plan.Narrow)
	return ok && slices.ContainsFunc(source.Builds, func(b scan.Build) bool { return b.Set == set })
}

// compiles reports whether the steps that a compile step refers to are of the right kind.
func compiles(c plan.Compile, at func(plan.StepID) plan.Step) bool {
	source, ok := at(c.Source).(plan.Narrow)
	ok = ok && slices.ContainsFunc(source.Builds, func(b scan.Build) bool { return b.ID == c.Build })
	deps, isDeps := at(c.Deps).(plan.Deps)
	ok = ok && isDeps && deps.Std == c.Std
	if c.Std != plan.NoStep {
		at(c.Std)
	}
	if c.Toolchain != plan.NoStep {
		_, isPrune := at(c.Toolchain).(plan.Prune)
		ok = ok && (isPrune || isCC(at(c.Toolchain)) && deps.Toolchain == c.Toolchain)
	}
	return ok
}

func isCC(s plan.Step) bool { _, ok := s.(plan.CC); return ok }

// isBinary reports whether a step makes a binary.
func isBinary(s plan.Step) bool {
	switch s.(type) {
	case plan.Compile, plan.Link:
		return true
	}
	return false
}

// isSource reports whether a file for an image may come from a step.
func isSource(s plan.Step) bool {
	switch s.(type) {
	case plan.Context, plan.Image, plan.HTTP, plan.System, plan.Tool:
		return true
	}
	return isBinary(s)
}

// isResult reports whether a layer may be a copy from a step.
func isResult(s plan.Step) bool {
	switch s.(type) {
	case plan.Setcap, plan.Test, plan.Dist, plan.Summary:
		return true
	}
	return isSource(s)
}

// checkSteps holds that steps refer only to earlier ones of the right kind, and that
// none is there twice or for nothing.
func checkSteps(t testing.TB, p *plan.Plan) {
	t.Helper()
	used := map[plan.StepID]bool{}
	at := func(i int, id plan.StepID) plan.Step {
		used[id] = true
		if id < 0 || int(id) >= i {
			t.Errorf("step %d refers to %d", i, id)
			return nil
		}
		return p.Steps[id]
	}
	seen := map[string]bool{}
	for i, s := range p.Steps {
		ok := true
		switch s := s.(type) {
		case plan.Context, plan.Prune, plan.System, plan.Named, plan.Image, plan.HTTP, plan.Tool, plan.CC:
		case plan.Setcap:
			ok = isSource(at(i, s.From))
		case plan.Test:
			_, isContext := at(i, s.Source).(plan.Context)
			deps, isDeps := at(i, s.Deps).(plan.Deps)
			ok = isContext && isDeps && deps.Std == s.Std && deps.Toolchain == s.Toolchain
			if s.Std != plan.NoStep {
				at(i, s.Std)
			}
		case plan.Dist:
			_, ok = at(i, s.Files).(plan.Context)
			for _, b := range s.Binaries {
				ok = ok && isBinary(at(i, b.From))
			}
		case plan.Summary:
			for _, id := range s.Deps {
				_, isDeps := at(i, id).(plan.Deps)
				ok = ok && isDeps
			}
		case plan.Narrow:
			_, ok = at(i, s.Context).(plan.Context)
		case plan.Std:
			ok = hasSet(at(i, s.Source), s.Set) && (s.Toolchain == plan.NoStep || isCC(at(i, s.Toolchain)))
		case plan.Deps:
			ok = hasSet(at(i, s.Source), s.Set) && (s.Toolchain == plan.NoStep || isCC(at(i, s.Toolchain)))
			if s.Std != plan.NoStep {
				_, isStd := at(i, s.Std).(plan.Std)
				ok = ok && isStd
			}
		case plan.Compile:
			ok = compiles(s, func(id plan.StepID) plan.Step { return at(i, id) })
		case plan.Own:
			_, isContext := at(i, s.Source).(plan.Context)
			_, isDeps := at(i, s.Deps).(plan.Deps)
			ok = isContext && isDeps && len(s.Packages) > 0
			at(i, s.Toolchain)
			if s.Std != plan.NoStep {
				at(i, s.Std)
			}
		case plan.Link:
			objects, isCompile := at(i, s.Objects).(plan.Compile)
			ok = compiles(s.Compile, func(id plan.StepID) plan.Step { return at(i, id) }) && isCompile && objects.Output == "" && s.Output != ""
		case plan.Layer:
			switch {
			case s.From == plan.NoStep:
				ok = s.Link != ""
			case s.Same:
				_, isDeps := at(i, s.From).(plan.Deps)
				_, isOwn := at(i, s.From).(plan.Own)
				ok = isDeps || isOwn
			default:
				ok = s.Link == "" && isResult(at(i, s.From))
			}
		default:
			t.Errorf("step %d is a %T", i, s)
		}
		if !ok {
			t.Errorf("step %d refers to a step of the wrong kind: %+v", i, s)
		}
		if key := fmt.Sprintf("%T%s", s, asJSON(t, s)); seen[key] {
			t.Errorf("step %d is there twice: %s", i, key)
		} else {
			seen[key] = true
		}
	}
	if len(p.Targets) == 0 {
		t.Error("no targets")
	}
	for _, target := range p.Targets {
		for _, id := range target.Layers {
			if _, ok := at(len(p.Steps), id).(plan.Layer); !ok {
				t.Errorf("step %d is no layer", id)
			}
		}
	}
	for i := range p.Steps {
		if !used[plan.StepID(i)] {
			t.Errorf("nothing uses step %d: %+v", i, p.Steps[i])
		}
	}
}

func mustPlan(t testing.TB, yaml string, facts *scan.Facts, req plan.Request) *plan.Plan {
	t.Helper()
	p, err := newPlan(t, yaml, facts, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// steps gives the steps of one kind.
func steps[S plan.Step](p *plan.Plan) (out []S) {
	for _, s := range p.Steps {
		if s, ok := s.(S); ok {
			out = append(out, s)
		}
	}
	return out
}

// compiled gives the compile step of a binary for a platform.
func compiled(t testing.TB, p *plan.Plan, binary, platform string) plan.Compile {
	t.Helper()
	for _, c := range steps[plan.Compile](p) {
		if c.Binary == binary && platforms.Format(c.Platform) == platform {
			return c
		}
	}
	t.Fatalf("%s is not compiled for %s: %+v", binary, platform, steps[plan.Compile](p))
	return plan.Compile{}
}

// env gives the value of a variable, and whether it is set.
func env(list []string, key string) (string, bool) {
	for _, kv := range list {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v, true
		}
	}
	return "", false
}

func isSystem(p *plan.Plan, l plan.Layer) bool {
	if l.From == plan.NoStep {
		return false
	}
	_, ok := p.Steps[l.From].(plan.System)
	return ok
}

// builtins are how a mistake lists the targets that every spec has.
var builtins = []string{
	"  binaries: the bare binaries", "  dist: the binaries of all platforms in one folder, with SHA256SUMS",
	"  test: runs go test", "  vet: runs go vet", "  deps: compiles the dependencies only",
	"  own: compiles the project's own packages only, for a seed",
}

// contents says what is in each target: `shop linux/amd64: /usr/local/bin/shop`.
func contents(p *plan.Plan) (out []string) {
	for _, t := range p.Targets {
		var files []string
		for _, id := range t.Layers {
			l := p.Steps[id].(plan.Layer)
			dest := l.Dest
			if isSystem(p, l) {
				continue
			}
			if strings.HasSuffix(dest, "/") {
				dest += path.Base(l.Src)
			}
			files = append(files, dest)
		}
		out = append(out, t.Name+" "+platforms.Format(t.Platform)+": "+strings.Join(files, " "))
	}
	return out
}

func lines(err error) []string { return strings.Split(err.Error(), "\n") }

// diffResult compares what was planned, or the lines of the error when that is wanted.
func diffResult(t testing.TB, p *plan.Plan, err error, want []string) {
	t.Helper()
	got := []string{}
	if err != nil {
		got = lines(err)
	} else {
		got = append(got, contents(p)...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestOneLineSpec has the images of a spec without binaries and images.
func TestOneLineSpec(t *testing.T) {
	module := func(path string) *scan.Facts { return facts([]scan.Module{{Dir: ".", Path: path}}, "cmd/x") }
	work := func(f *scan.Facts, use ...string) *scan.Facts { f.Work = &scan.Work{Use: use}; return f }
	modules := []scan.Module{{Dir: ".", Path: "example.com/root"}, {Dir: "a", Path: "example.com/mod-a"}, {Dir: "b", Path: "example.com/mod-b"}}
	for _, tt := range []struct {
		name   string
		spec   string
		facts  *scan.Facts
		target string
		want   []string // contents, or the lines of the error
	}{
		{"one main package is named as the module", "", module("example.com/tools/shop"), "", []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"a path of one element", "", module("shop"), "", []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"a major version is not the name", "", module("example.com/shop/v2"), "", []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"v1 is not a major version", "", module("example.com/shop/v1"), "", []string{"v1 linux/amd64: /usr/local/bin/v1"}},
		{"gopkg.in", "", module("gopkg.in/shop.v3"), "", []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"only gopkg.in has versions after a dot", "", module("example.com/shop.v3"), "", []string{"shop.v3 linux/amd64: /usr/local/bin/shop.v3"}},
		{"a dot and a v make no version", "", module("example.com/my.viewer"), "", []string{"my.viewer linux/amd64: /usr/local/bin/my.viewer"}},
		{"an image's name is in lower case", "", module("example.com/Shop"), "", []string{"shop linux/amd64: /usr/local/bin/Shop"}},
		{"the spec's name", "name: store", module("example.com/shop"), "", []string{"store linux/amd64: /usr/local/bin/store"}},
		{"the image by its name", "", module("example.com/shop"), "shop", []string{"shop linux/amd64: /usr/local/bin/shop"}},

		{"several main packages are named as their folders", "", app("cmd/shop", "cmd/worker"), "worker", []string{"worker linux/amd64: /usr/local/bin/worker"}},
		{"but that at the root as the module", "", app(".", "cmd/worker"), "app", []string{"app linux/amd64: /usr/local/bin/app"}},
		{"a default", "default: shop", app("cmd/shop", "cmd/worker"), "", []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"the request wins over the default", "default: shop", app("cmd/shop", "cmd/worker"), "worker", []string{"worker linux/amd64: /usr/local/bin/worker"}},
		{"all binaries", "", app("cmd/shop", "cmd/worker"), "binaries", []string{"binaries linux/amd64: /shop /worker"}},
		{"several and no default", "", app("cmd/worker", "cmd/shop"), "", append([]string{
			"x.yaml: several images and no default: name one with --target, or in the spec as default [no-target]",
			"  shop: image with shop", "  worker: image with worker",
		}, builtins...)},
		{"an unknown target", "", app("cmd/shop", "cmd/worker"), "wroker", append([]string{
			`x.yaml: no target "wroker" (did you mean "worker"?) [unknown-target]`,
			"  shop: image with shop", "  worker: image with worker",
		}, builtins...)},
		{"an unknown default", "name: app\ndefault: shpo", app("cmd/shop"), "", append([]string{
			`x.yaml:2:10: no target "shpo" [unknown-target]`, "  app: image with app",
		}, builtins...)},
		{"two of the same name", "", app("a/shop", "b/shop", "c"), "c", []string{
			`x.yaml: the main packages in a/shop and b/shop would both be named "shop"; name them under binaries: [ambiguous-name]`,
		}},
		{"two whose images have the same name", "", app("cmd/Shop", "cmd/shop"), "shop", []string{
			`x.yaml: an image named "shop" for binary "shop" would clash with another target; name it under images: [ambiguous-name]`,
		}},
		{"one that is named as a target", "", app("cmd/a", "cmd/test"), "a", []string{
			`x.yaml: an image named "test" for binary "test" would clash with another target; name it under images: [ambiguous-name]`,
		}},

		{"the module at the root hides nested ones", "", facts(modules, "cmd/x", "a/cmd/y"), "", []string{"root linux/amd64: /usr/local/bin/root"}},
		{"a workspace has the modules that it uses", "", work(facts(modules, "cmd/x", "a", "b/cmd/y"), "a", "b"), "binaries", []string{"binaries linux/amd64: /a /y"}},
		{"a workspace of one main package", "", work(facts(modules, "cmd/x", "a/cmd/y"), "a"), "", []string{"mod-a linux/amd64: /usr/local/bin/mod-a"}},
		{"modules without a root have all", "", facts(modules[1:], "a/cmd/x", "b/cmd/y"), "binaries", []string{"binaries linux/amd64: /x /y"}},

		{"no go.mod", "", &scan.Facts{}, "", []string{
			"x.yaml: found no main package because the build context holds no go.mod (is the context the module's directory?) [no-main]",
		}},
		{"no main package", "", with(app(), func(f *scan.Facts) { f.Packages = []string{"a", "b"} }), "", []string{
			"x.yaml: found no main package for linux/amd64 in 2 directories with Go files of go.mod (example.com/app) [no-main]",
		}},
		{"no main package in the workspace", "", work(facts(modules, "cmd/x"), "a", "b"), "", []string{
			"x.yaml: found no main package for linux/amd64 in 0 directories with Go files of go.mod (example.com/root), a/go.mod (example.com/mod-a), b/go.mod (example.com/mod-b) [no-main]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, tt.facts, request(tt.target))
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestMainPackages has the binaries of the spec against the main packages that were found.
func TestMainPackages(t *testing.T) {
	lib := func(f *scan.Facts) { f.Packages = []string{"cmd", "lib"} }
	nested := []scan.Module{{Dir: "svc", Path: "example.com/svc"}}
	for _, tt := range []struct {
		name  string
		spec  string
		facts *scan.Facts
		req   plan.Request
		want  []string
	}{
		{"any binary of the spec is an image", "binaries: {shop: ./cmd/x}", app("cmd/x", "cmd/y"), request(""), []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"one at the root", "binaries: {shop: .}", app("."), request(""), []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"one in a nested module", "binaries: {shop: svc/cmd}", facts(nested, "svc/cmd"), request(""), []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"one that is not there", "binaries:\n  shop: ./cmd/shpo", app("cmd/shop", "cmd/worker"), request(""), []string{
			`x.yaml:2:9: binary "shop": ./cmd/shpo holds no Go package; the main packages are ./cmd/shop, ./cmd/worker (did you mean "./cmd/shop"?) [no-main]`,
		}},
		{"all that are not there", "binaries:\n  b: ./x\n  a: {main: ./y}", app("cmd/shop"), request("a"), []string{
			`x.yaml:2:6: binary "b": ./x holds no Go package; the main packages are ./cmd/shop [no-main]`,
			`x.yaml:3:13: binary "a": ./y holds no Go package; the main packages are ./cmd/shop [no-main]`,
		}},
		{"a library", "binaries:\n  shop: ./lib", with(app("bin"), lib), request("", "linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7"), []string{
			`x.yaml:2:9: binary "shop": ./lib is not a main package for linux/amd64, linux/arm64, linux/arm (did you mean "./bin"?) [not-main]`,
		}},
		{"no main package anywhere", "binaries:\n  shop: ./x", with(app(), lib), request(""), []string{
			`x.yaml:2:9: binary "shop": ./x holds no Go package, and there is no main package for linux/amd64 in 2 directories with Go files of go.mod (example.com/app) [no-main]`,
		}},
		{"no go.mod", "binaries:\n  shop: ./x", &scan.Facts{}, request(""), []string{
			`x.yaml:2:9: binary "shop": there is no main package because the build context holds no go.mod (is the context the module's directory?) [no-main]`,
		}},
		{"no go.mod above it", "binaries:\n  shop: ./cmd", with(facts(nested, "svc"), lib), request(""), []string{
			`x.yaml:2:9: binary "shop": neither ./cmd nor a folder above it holds a go.mod [no-main]`,
		}},
		{"one where the scan does not look", "binaries:\n  shop: ./_examples/shop", app("cmd"), request(""), []string{
			`x.yaml:2:9: binary "shop": ./_examples/shop is not looked at, since it is testdata, vendor or below a name that begins with _ or . [no-main]`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, tt.facts, tt.req)
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestMainForSomePlatforms has main packages that are none on some platforms.
func TestMainForSomePlatforms(t *testing.T) {
	found := func() *scan.Facts {
		return with(app("cmd/shop", "cmd/svc", "cmd/pro"), func(f *scan.Facts) {
			f.Mains[0].Targets = []string{"linux/amd64", "windows/amd64"}
			f.Mains[1].Targets = []string{"windows/amd64"}
			f.Mains[2].Targets = []string{"linux/amd64 -tags=pro"}
		})
	}
	const binaries = "binaries:\n  shop: ./cmd/shop\n  svc: ./cmd/svc\n  pro: {main: ./cmd/pro, tags: [pro]}\n"
	for _, tt := range []struct {
		name string
		spec string
		req  plan.Request
		want []string
	}{
		{"a binary that was not asked for does no harm", binaries, request("shop"), []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"the platform that it is for", binaries, request("svc", "windows/amd64"), []string{"svc windows/amd64: /usr/local/bin/svc.exe"}},
		{"another platform", binaries, request("svc", "windows/amd64", "linux/amd64"), []string{
			`x.yaml:3:8: binary "svc": ./cmd/svc is not a main package for linux/amd64 [not-main]`,
		}},
		{"a tag of the binary's own counts", binaries, request("pro"), []string{"pro linux/amd64: /usr/local/bin/pro"}},
		{"named binaries are all wanted", binaries, request("binaries", "windows/amd64"), []string{
			`x.yaml:4:15: binary "pro": ./cmd/pro is not a main package for windows/amd64 [not-main]`,
		}},
		{"found ones are where they build", "", request("binaries", "windows/amd64", "linux/amd64"), []string{
			"binaries windows/amd64: /shop.exe /svc.exe", "binaries linux/amd64: /shop",
		}},
		{"but the image of one must build", "", request("svc", "linux/amd64", "windows/amd64"), []string{
			`x.yaml: binary "svc": ./cmd/svc is not a main package for linux/amd64 [not-main]`,
		}},
		{"and no platform goes without any", "", request("binaries", "windows/amd64", "darwin/arm64"), []string{
			"x.yaml: found no main package for darwin/arm64 [no-main]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, found(), tt.req)
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestBrokenModules has go.mod and go.work files that could not be read.
func TestBrokenModules(t *testing.T) {
	modules := []scan.Module{
		{Dir: ".", Path: "example.com/app"},
		{Dir: "svc", Problems: []string{"svc/go.mod:3: unknown directive: x", "svc/go.mod:4: unknown directive: y"}},
		{Dir: "web", Problems: []string{"web/go.mod: no module line"}},
	}
	for _, tt := range []struct {
		name  string
		spec  string
		facts *scan.Facts
		want  []string
	}{
		{"those that nothing needs do no harm", "", facts(modules, "."), []string{"app linux/amd64: /usr/local/bin/app"}},
		{"of a binary", "binaries: {x: ./svc/x}", facts(modules, ".", "svc/x"), []string{
			"x.yaml: svc/go.mod:3: unknown directive: x [bad-module]", "x.yaml: svc/go.mod:4: unknown directive: y [bad-module]",
		}},
		{"of the root", "", with(facts(modules, "."), func(f *scan.Facts) {
			f.Modules = []scan.Module{{Dir: ".", Problems: []string{"go.mod:1: bad"}}}
		}), []string{"x.yaml: go.mod:1: bad [bad-module]"}},
		{"of a module in the workspace", "", with(facts(modules, "."), func(f *scan.Facts) { f.Work = &scan.Work{Use: []string{".", "web"}} }), []string{
			"x.yaml: web/go.mod: no module line [bad-module]",
		}},
		{"the go.work itself", "", with(facts(modules, "."), func(f *scan.Facts) { f.Work = &scan.Work{Problems: []string{"go.work:1: bad"}} }), []string{
			"x.yaml: go.work:1: bad [bad-module]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, tt.facts, request(""))
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestImages has which binaries and files are in the spec's images.
func TestImages(t *testing.T) {
	const several = "binaries: {shop: ./a, worker: ./b}\n"
	for _, tt := range []struct {
		name  string
		spec  string
		facts *scan.Facts
		req   plan.Request
		want  []string
	}{
		{"the binary of its name", several + "images: {shop: {}}", app("a", "b"), request(""), []string{"shop linux/amd64: /usr/local/bin/shop"}},
		{"the only binary", "binaries: {shop: ./a}\nimages: {store: {}}", app("a"), request(""), []string{"store linux/amd64: /usr/local/bin/shop"}},
		{"listed binaries, in that order", several + "images: {shop: {binaries: [worker, shop]}}", app("a", "b"), request(""), []string{
			"shop linux/amd64: /usr/local/bin/worker /usr/local/bin/shop",
		}},
		{"files come after", "images: {app: {files: [{from: web, to: /srv/web}, {from: ./x/LICENSE, to: /}]}}", app("."), request(""), []string{
			"app linux/amd64: /usr/local/bin/app /srv/web /LICENSE",
		}},
		{"platforms in the order asked for", "images: {app: {}}", app("."), request("", "linux/arm64", "linux/386", "linux/amd64"), []string{
			"app linux/arm64: /usr/local/bin/app", "app linux/386: /usr/local/bin/app", "app linux/amd64: /usr/local/bin/app",
		}},
		{"several images and a default", several + "default: b\nimages: {a: {binaries: [shop]}, b: {binaries: [worker]}}", app("a", "b"), request(""), []string{
			"b linux/amd64: /usr/local/bin/worker",
		}},
		{"several images and no default", several + "images:\n  b: {binaries: [worker, shop], entrypoint: [x]}\n  a: {binaries: [shop]}", app("a", "b"), request(""), []string{
			"x.yaml:3:3: several images and no default: name one with --target, or in the spec as default [no-target]",
			"  a: image with shop", "  b: image with worker, shop",
			builtins[0], builtins[1], builtins[2], builtins[3], builtins[4], builtins[5],
		}},
		{"an image of a binary that was found", "images: {a: {binaries: [shop]}}", app("cmd/shop", "cmd/worker"), request(""), []string{
			"a linux/amd64: /usr/local/bin/shop",
		}},
		{"an image of a binary that was not found", "images:\n  a:\n    binaries: [shop, wroker]\n    cmd: [x]\n    entrypoint: [y]", app("cmd/shop", "cmd/worker"), request(""), []string{
			`x.yaml:3:22: image "a": no binary "wroker"; the main packages found are shop, worker (did you mean "worker"?) [unknown-binary]`,
		}},
		{"an image that could have any of those found", "images:\n  a: {user: x}", app("cmd/shop", "cmd/worker"), request(""), []string{
			`x.yaml:2:3: image "a": say which binaries it holds, of shop, worker [missing-binaries]`,
		}},
		{"binaries of other images are not built", several + "images: {a: {binaries: [shop]}, b: {binaries: [worker]}}", app("a", "b"), request("binaries"), []string{
			"binaries linux/amd64: /shop /worker",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, tt.facts, tt.req)
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestPlatforms has which platforms a request may ask for.
func TestPlatforms(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec string
		req  plan.Request
		want []string
	}{
		{"none: the builder's own", "", request(""), []string{"app linux/amd64: /usr/local/bin/app"}},
		{"none, and the builder's is supported", "platforms: [linux/arm64, linux/amd64]", request(""), []string{"app linux/amd64: /usr/local/bin/app"}},
		{"none, and the builder's is not", "name: app\nplatforms: [linux/arm64, linux/s390x]", request(""), []string{
			"x.yaml:2:12: the request names no platform, so it is the builder's own, linux/amd64, which is not among platforms: linux/arm64, linux/s390x [platform-not-supported]",
		}},
		{"all that are not supported", "platforms: [linux/amd64]", request("", "linux/arm64", "linux/amd64", "windows/amd64"), []string{
			"x.yaml:1:12: the request asks for linux/arm64, which is not among platforms: linux/amd64 [platform-not-supported]",
			"x.yaml:1:12: the request asks for windows/amd64, which is not among platforms: linux/amd64 [platform-not-supported]",
		}},
		{"one that Go does not have", "", request("", "linux/sparc"), []string{
			`x.yaml: the request asks for linux/sparc: Go has no platform "linux/sparc" [bad-platform]`,
		}},
		{"a mobile one", "", request("", "android/arm64"), []string{
			`x.yaml: the request asks for android/arm64: platform "android/arm64": mobile platforms are not supported [bad-platform]`,
		}},
		{"other names of the same", "platforms: [linux/amd64, linux/arm64, linux/arm]", request("", "linux/x86_64", "linux/aarch64/v8", "linux/armhf"), []string{
			"app linux/amd64: /usr/local/bin/app", "app linux/arm64: /usr/local/bin/app", "app linux/arm/v7: /usr/local/bin/app",
		}},
		{"a level of a supported architecture", "platforms: [linux/amd64, linux/arm64]", request("", "linux/amd64/v3", "linux/arm64/v9"), []string{
			"app linux/amd64/v3: /usr/local/bin/app", "app linux/arm64/v9: /usr/local/bin/app",
		}},
		{"another level than the supported one", "platforms: [linux/amd64/v3, linux/arm/v7]", request("", "linux/amd64", "linux/amd64/v4", "linux/arm/v6"), []string{
			"x.yaml:1:12: the request asks for linux/amd64, which is not among platforms: linux/amd64/v3, linux/arm/v7 [platform-not-supported]",
			"x.yaml:1:12: the request asks for linux/amd64/v4, which is not among platforms: linux/amd64/v3, linux/arm/v7 [platform-not-supported]",
			"x.yaml:1:12: the request asks for linux/arm/v6, which is not among platforms: linux/amd64/v3, linux/arm/v7 [platform-not-supported]",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, app("."), tt.req)
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestEveryPlatform plans for each platform that a spec may name.
func TestEveryPlatform(t *testing.T) {
	req := request("", spec.Platforms()...)
	p := mustPlan(t, "", app("."), req)
	if got, want := len(p.Targets), len(spec.Platforms()); got != want {
		t.Errorf("%d targets for %d platforms", got, want)
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	req := request("", "linux/s390x", "linux/sparc")
	req.Epoch = "soon"
	_, err := newPlan(t, "platforms: [linux/amd64]\nbinaries:\n  shop: ./shop\n", app("cmd"), req)
	if err == nil {
		t.Fatal("no mistake found")
	}
	want := []string{
		`x.yaml: build arg SOURCE_DATE_EPOCH is "soon", not a number of seconds since 1970 [bad-epoch]`,
		`x.yaml: the request asks for linux/sparc: Go has no platform "linux/sparc" [bad-platform]`,
		`x.yaml:1:12: the request asks for linux/s390x, which is not among platforms: linux/amd64 [platform-not-supported]`,
		`x.yaml:3:9: binary "shop": ./shop holds no Go package; the main packages are ./cmd [no-main]`,
	}
	if diff := cmp.Diff(want, lines(err)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSpecInGo checks that a spec that was not parsed is validated.
func TestSpecInGo(t *testing.T) {
	_, err := plan.New(&spec.Spec{Images: map[string]spec.Image{"a": {Ports: []string{"x"}}}}, app("."), request(""))
	if err == nil || !strings.HasPrefix(err.Error(), "spec: images.a.ports[0]: ") {
		t.Errorf("error is %v", err)
	}
	p, err := plan.New(&spec.Spec{}, app("."), request(""))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"app linux/amd64: /usr/local/bin/app"}, contents(p)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEpoch(t *testing.T) {
	for _, tt := range []struct {
		arg  string
		want int64 // -1: an error
	}{
		{"", 0},
		{"0", 0},
		{"1700000000", 1700000000},
		{"9223372036", 9223372036},
		{"9223372037", -1}, // LLB has nanoseconds
		{"99999999999999999999", -1},
		{"-1", -1},
		{"+1", -1},
		{"1.5", -1},
		{" 1", -1},
		{"0x10", -1},
		{"yesterday", -1},
	} {
		req := request("")
		req.Epoch = tt.arg
		p, err := newPlan(t, "", app("."), req)
		switch {
		case tt.want < 0 && err == nil:
			t.Errorf("%q is taken for %d", tt.arg, p.Epoch)
		case tt.want >= 0 && err != nil:
			t.Errorf("%q: %v", tt.arg, err)
		case err == nil && p.Epoch != tt.want:
			t.Errorf("%q is taken for %d", tt.arg, p.Epoch)
		}
	}
}

func TestScanRequest(t *testing.T) {
	const tags = "build: {tags: [a]}\nbinaries:\n  x: {main: ., tags: [b]}\n  y: {main: ., cgo: true}\n  z: .\n"
	for _, tt := range []struct {
		name string
		spec string
		req  plan.Request
		want []string
	}{
		{"the builder's platform", "", request(""), []string{"linux/amd64"}},
		{"sorted, and without variants", "", request("", "windows/amd64", "linux/arm/v7", "linux/amd64/v3", "linux/arm/v6", "linux/amd64"), []string{
			"linux/amd64", "linux/arm", "windows/amd64",
		}},
		{"cgo and tags of all binaries", "build: {tags: [a, b], cgo: true}", request(""), []string{"linux/amd64 cgo -tags=a,b"}},
		{"cgo and tags of each binary", tags, request(""), []string{"linux/amd64 -tags=a", "linux/amd64 -tags=a,b", "linux/amd64 cgo -tags=a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, target := range plan.ScanRequest(parse(t, tt.spec), tt.req).Targets {
				got = append(got, target.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestImageUses has the images that are looked up, each once per platform.
func TestImageUses(t *testing.T) {
	const base = "images: {app: {base: golang:1.26-alpine}}"
	req := request("", "linux/amd64", "linux/arm64")
	var got []string
	for _, u := range mustPlan(t, base, app("."), req).Images() {
		got = append(got, u.Ref+" "+platforms.Format(u.Platform)+" "+u.Pos.String())
	}
	want := []string{"golang:1.26-alpine linux/amd64 spec", "golang:1.26-alpine linux/arm64 x.yaml:1:22"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	scratch := mustPlan(t, "images: {app: {base: scratch}}", app("."), req)
	if got := len(scratch.Images()); got != 1 || scratch.Targets[0].Base != "" {
		t.Errorf("scratch is looked up: %+v", scratch.Images())
	}
}

// TestList has what a client is told of the targets.
func TestList(t *testing.T) {
	found := app("cmd/shop", "cmd/worker")
	for _, tt := range []struct {
		name, spec string
		want       []plan.TargetInfo
	}{
		{"found by the scan", "{}", []plan.TargetInfo{
			{Name: "shop", Description: "image with shop", Base: "scratch"},
			{Name: "worker", Description: "image with worker", Base: "scratch"},
		}},
		{"in the spec", "default: all\nimages:\n  all: {binaries: [shop, worker], entrypoint: [x], base: debian}\n", []plan.TargetInfo{
			{Name: "all", Description: "image with shop, worker", Base: "debian", Default: true, Pos: diag.Pos{File: "x.yaml", Line: 3, Col: 3}},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := spec.Parse("x.yaml", []byte(tt.spec))
			if err != nil {
				t.Fatal(err)
			}
			got, err := plan.List(s, found, request(""))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range builtins {
				name, description, _ := strings.Cut(strings.TrimSpace(line), ": ")
				tt.want = append(tt.want, plan.TargetInfo{Name: name, Description: description})
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	s, err := spec.Parse("x.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.List(s, app(), request("")); err == nil {
		t.Error("no main package, and no error")
	}
}

func typeName(s plan.Step) string { return fmt.Sprintf("%T", s) }
