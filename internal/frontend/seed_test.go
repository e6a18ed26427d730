package frontend

import (
	"testing"

	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestHelpsOwn has when compiled own packages are taken from a seed.
func TestHelpsOwn(t *testing.T) {
	of := func(alike string, builds ...gostep.NarrowedBuild) origin { return origin{alike: alike, builds: builds} }
	label := of("a", gostep.NarrowedBuild{Hash: "1"}, gostep.NarrowedBuild{Hash: "2"}).ownLabel()
	tests := of("a", gostep.NarrowedBuild{Hash: "3"})
	tests.tests = true
	for _, tt := range []struct {
		name  string
		now   origin
		label string
		helps bool
	}{
		{"nothing changed", of("a", gostep.NarrowedBuild{Hash: "2"}, gostep.NarrowedBuild{Hash: "1"}), label, false},
		{"one binary of several", of("a", gostep.NarrowedBuild{Hash: "2"}), label, false},
		{"source changed", of("a", gostep.NarrowedBuild{Hash: "1"}, gostep.NarrowedBuild{Hash: "3"}), label, true},
		{"source changed where it was built before", of("a", gostep.NarrowedBuild{Hash: "3", Known: true}), label, false},
		{"what was built before and another one", of("a", gostep.NarrowedBuild{Hash: "3", Known: true}, gostep.NarrowedBuild{Hash: "4"}), label, true},
		{"compiled otherwise", of("b", gostep.NarrowedBuild{Hash: "3"}), label, false},
		{"tests", tests, label, false},
		{"no label", of("a", gostep.NarrowedBuild{Hash: "3"}), "", false},
		{"a label of nothing else", of("", gostep.NarrowedBuild{Hash: "3"}), "x", false},
	} {
		if got := tt.now.helpsOwn(tt.label); got != tt.helps {
			t.Errorf("%s: helps is %v", tt.name, got)
		}
	}
}

// TestHelps has which changes make the last result a seed: those that leave what most of it was compiled with.
func TestHelps(t *testing.T) {
	type change struct {
		plan      plan.Plan
		deps      plan.Deps
		toolchain llb.Image
		program   string
		modules   []string
		imports   []string
	}
	image := func(ref, version string) llb.Image {
		var cfg dockerspec.DockerOCIImage
		if version != "" {
			cfg.Config.Env = []string{"PATH=/bin", "GOLANG_VERSION=" + version}
		}
		return llb.Image{Ref: ref, Config: cfg}
	}
	amd64 := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	base := func() change {
		return change{
			plan:      plan.Plan{BuildPlatform: amd64},
			deps:      plan.Deps{Platform: amd64, Toolchain: plan.NoStep, Flags: []string{"-trimpath"}, Env: []string{"GOOS=linux"}, Dir: ".", Compile: true},
			toolchain: image("golang@sha256:1", "1.26.1"), program: "p", imports: []string{"a", "b"},
		}
	}
	withC := func(c change, cc plan.CC) change {
		c.plan.Steps, c.deps.Toolchain = []plan.Step{cc}, 0
		return c
	}
	of := func(c change) origin {
		o, err := originOf(&c.plan, c.deps, c.toolchain, c.program, c.modules, c.imports)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	for _, tt := range []struct {
		name  string
		was   change
		now   func(*change)
		helps bool
	}{
		{"nothing", base(), func(*change) {}, false},
		{"numbers of steps", base(), func(c *change) { c.deps.Source, c.deps.Std = 7, 8 }, false},
		{"a module", base(), func(c *change) { c.modules = []string{"m"} }, true},
		{"an import more", base(), func(c *change) { c.imports = append(c.imports, "c") }, true},
		{"one binary of several", base(), func(c *change) { c.imports = c.imports[:1] }, false},
		{"the step program", base(), func(c *change) { c.program = "q" }, true},
		{"another image of the same Go", base(), func(c *change) { c.toolchain = image("golang@sha256:2", "1.26.1") }, true},
		{"another Go", base(), func(c *change) { c.toolchain = image("golang@sha256:2", "1.26.2"); c.modules = []string{"m"} }, false},
		{"another image that does not say its Go", base(), func(c *change) { c.toolchain = image("golang@sha256:2", ""); c.modules = []string{"m"} }, false},
		{"flags", base(), func(c *change) { c.deps.Flags = []string{"-race"}; c.modules = []string{"m"} }, false},
		{"environment", base(), func(c *change) { c.deps.Env = nil; c.modules = []string{"m"} }, false},
		{"tests, which import more", base(), func(c *change) { c.plan.Target = plan.TargetTest; c.imports = append(c.imports, "c") }, false},
		{"tests, with another module", base(), func(c *change) { c.plan.Target = plan.TargetVet; c.modules = []string{"m"} }, true},
		{"with C, a module", withC(base(), plan.CC{CC: "gcc"}), func(c *change) { c.modules = []string{"m"} }, true},
		{"with C, another image of the same Go", withC(base(), plan.CC{}), func(c *change) { c.toolchain = image("golang@sha256:2", "1.26.1") }, false},
		{"with C, another compiler", withC(base(), plan.CC{CC: "gcc"}), func(c *change) { *c = withC(*c, plan.CC{CC: "clang"}); c.modules = []string{"m"} }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			was := of(tt.was)
			now := tt.was
			tt.now(&now)
			if got := of(now).helps(was.label()); got != tt.helps {
				t.Errorf("helps: %v", got)
			}
		})
	}
	for _, label := range []string{"", "x", of(base()).alike, of(base()).alike + " x", of(base()).alike + " x y"} {
		if of(base()).helps(label) {
			t.Errorf("label %q helps", label)
		}
	}
}
