package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
)

var requires = []scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26", Requires: true}}

// TestStd has the flags that the standard library is compiled with: those that change what the
// compiler makes, and none that wants a module.
func TestStd(t *testing.T) {
	p := mustPlan(t, "build: {flags: [-mod=readonly, -v], tags: [netgo], gcflags: [all=-N, -m], buildmode: pie, ldflags: [-X main.a=1]}\nbinaries: {app: {main: ., goamd64: v3}}",
		facts(requires, "."), request("app"))
	std := steps[plan.Std](p)[0]
	want := []string{"-trimpath", "-buildvcs=false", "-v", "-tags=netgo", "-gcflags=all=-N -m", "-buildmode=pie"}
	if diff := cmp.Diff(want, std.Flags); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if v, _ := env(std.Env, "GOAMD64"); v != "v3" {
		t.Errorf("GOAMD64 is %q", v)
	}
}

// TestCacheDeps has the switch that turns the exported layers off.
func TestCacheDeps(t *testing.T) {
	for spec, want := range map[string]bool{"": true, "cache: {deps: true}": true, "cache: {deps: false}": false} {
		p := mustPlan(t, spec, facts(requires, "."), request("app"))
		if got := steps[plan.Deps](p)[0].Compile; got != want {
			t.Errorf("%s: dependencies are compiled in a step of their own is %v", spec, got)
		}
		if got := len(steps[plan.Std](p)) > 0; got != want {
			t.Errorf("%s: std is compiled in a step of its own is %v", spec, got)
		}
	}
}

// TestToolchainOfCompile takes the whole toolchain image for cgo alone.
func TestToolchainOfCompile(t *testing.T) {
	p := mustPlan(t, "binaries: {a: ./a, c: {main: ./c, cgo: true}}", facts(requires, "a", "c"), request("binaries"))
	if n := len(steps[plan.Prune](p)); n != 1 {
		t.Errorf("%d prune steps", n)
	}
	if c := compiled(t, p, "a", "linux/amd64"); c.Toolchain == plan.NoStep {
		t.Error("pure Go takes the whole image")
	}
	c := compiled(t, p, "c", "linux/amd64")
	if _, ok := p.Steps[c.Toolchain].(plan.CC); !ok {
		t.Error("cgo takes a toolchain without a C compiler")
	}
}

func pgoKey(value string) string {
	if value == "" {
		return ""
	}
	return ", pgo: " + value
}

// TestProfile has the profile by which dependencies are compiled too.
func TestProfile(t *testing.T) {
	for _, tt := range []struct {
		name, pgo string
		found     bool // a default.pgo is in the main package
		want      string
	}{
		{"none", "", false, ""},
		{"found", "", true, "cmd/app/default.pgo"},
		{"auto", "auto", true, "cmd/app/default.pgo"},
		{"off", "'off'", true, ""},
		{"named", "./x/cpu.pprof", true, "x/cpu.pprof"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := with(facts(requires, "cmd/app"), func(f *scan.Facts) { f.Mains[0].Profile = tt.found })
			p := mustPlan(t, "build: {tags: [x]"+pgoKey(tt.pgo)+"}\nbinaries: {app: ./cmd/app}", f, request("app"))
			d := steps[plan.Deps](p)[0]
			if d.Profile != tt.want {
				t.Errorf("profile is %q, want %q", d.Profile, tt.want)
			}
			if slices.ContainsFunc(d.Flags, func(f string) bool { return len(f) > 4 && f[:4] == "-pgo" }) {
				t.Errorf("flags are %q", d.Flags)
			}
			if (d.Std == plan.NoStep) != (tt.want != "") {
				t.Errorf("std is step %d", d.Std)
			}
		})
	}
}

// TestStamp has the values of the templates in ldflags.
func TestStamp(t *testing.T) {
	const all = "{{.Version}} {{.Revision}} {{.ShortRevision}} {{.Source}} {{.Dirty}} {{.Date}} {{.OS}} {{.Arch}} {{.Variant}}"
	const revision = "0123456789abcdef0123456789abcdef01234567"
	for _, tt := range []struct {
		name string
		req  plan.Request
		want string
	}{
		{"nothing known", plan.Request{}, "devel false 1970-01-01T00:00:00Z linux arm v6"},
		{"a revision", plan.Request{Revision: revision, Source: "https://example.com/x"}, "0123456789ab " + revision + " 0123456789ab https://example.com/x false 1970-01-01T00:00:00Z linux arm v6"},
		{"edited", plan.Request{Revision: revision + "-dirty"}, "0123456789ab " + revision + " 0123456789ab true 1970-01-01T00:00:00Z linux arm v6"},
		{"a version and a time", plan.Request{Version: "v1.2.3", Epoch: "1700000000", Revision: "abc"}, "v1.2.3 abc abc false 2023-11-14T22:13:20Z linux arm v6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request("", "linux/arm/v6")
			req.Version, req.Epoch, req.Revision, req.Source = tt.req.Version, tt.req.Epoch, tt.req.Revision, tt.req.Source
			links := steps[plan.Link](mustPlan(t, "build: {ldflags: ['"+all+"']}", app("."), req))
			if len(links) != 1 {
				t.Fatalf("%d link steps", len(links))
			}
			if got := links[0].Flags[len(links[0].Flags)-1]; got != "-ldflags=-s -w "+tt.want {
				t.Errorf("got  %s\nwant %s", got, "-ldflags=-s -w "+tt.want)
			}
		})
	}
}

// TestLink holds that a stamp reaches the link alone.
func TestLink(t *testing.T) {
	const stamped = "binaries: {app: {main: ., ldflags: ['-X main.v={{.Version}}']}, plain: {main: ., ldflags: [-X main.v=1]}}"
	plans := map[string]*plan.Plan{}
	for _, version := range []string{"v1", "v2"} {
		req := request("binaries")
		req.Version = version
		plans[version] = mustPlan(t, stamped, app("."), req)
	}
	if a, b := plans["v1"], plans["v2"]; asJSON(t, steps[plan.Compile](a)) != asJSON(t, steps[plan.Compile](b)) || asJSON(t, steps[plan.Link](a)) == asJSON(t, steps[plan.Link](b)) {
		t.Error("another version is not another link alone")
	}
	if c := compiled(t, plans["v1"], "app", "linux/amd64"); c.Output != "" || slices.ContainsFunc(c.Flags, func(f string) bool { return f[:4] == "-ldf" }) {
		t.Errorf("the compile step of a stamped binary links: %+v", c)
	}
	if c := compiled(t, plans["v1"], "plain", "linux/amd64"); c.Output != "plain" {
		t.Errorf("a binary without a stamp has no link in its compile step: %+v", c)
	}
}

// TestBadTemplate has mistakes in templates, each once.
func TestBadTemplate(t *testing.T) {
	p, err := newPlan(t, "build:\n  ldflags: ['-X main.v={{.Versoin}}']\nbinaries:\n  a: .\n  b:\n    main: .\n    ldflags: [ok, '{{.Version', '{{.Date.Year}}']\n", app("."), request("binaries"))
	diffResult(t, p, err, []string{
		`x.yaml:2:13: there is no {{.Versoin}} (did you mean "Version"?) [bad-template]`,
		`x.yaml:7:19: unclosed action [bad-template]`,
		`x.yaml:7:33: at <.Date.Year>: can't evaluate field Year in type string [bad-template]`,
	})
}
