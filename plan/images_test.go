package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
)

// TestConfig has what the spec says of an image's config and manifest.
func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spec   string
		labels map[string]string // the client's
		want   plan.Config
	}{
		{name: "by default", spec: "images: {app: {}}", want: plan.Config{Entrypoint: []string{"/usr/local/bin/app"}}},
		{
			name: "all of it",
			spec: "images:\n  app: {user: '1:2', entrypoint: [/x, y], cmd: [z], env: {B: 2, A: 1}, workdir: /w, ports: [80], volumes: [/b, /a], labels: {l: v}, stopsignal: SIGINT}",
			want: plan.Config{
				User: "1:2", Entrypoint: []string{"/x", "y"}, Cmd: []string{"z"}, Env: []string{"A=1", "B=2"}, WorkDir: "/w",
				Ports: []string{"80/tcp"}, Volumes: []string{"/b", "/a"}, Labels: map[string]string{"l": "v"}, StopSignal: "SIGINT",
			},
		},
		{
			name:   "the client's labels win",
			spec:   "images: {app: {labels: {a: spec, b: spec}}}",
			labels: map[string]string{"b": "client", "c": "client"},
			want: plan.Config{
				Entrypoint: []string{"/usr/local/bin/app"},
				Labels:     map[string]string{"a": "spec", "b": "client", "c": "client"},
			},
		},
		{
			name:   "the client's labels without any of the spec",
			labels: map[string]string{"c": "client"},
			want:   plan.Config{Entrypoint: []string{"/usr/local/bin/app"}, Labels: map[string]string{"c": "client"}},
		},
		{
			name: "an image of one binary starts it",
			spec: "images: {app: {binaries: [worker]}}\nbinaries: {worker: ., other: .}",
			want: plan.Config{Entrypoint: []string{"/usr/local/bin/worker"}},
		},
		{
			name: "one of several starts the one of its name",
			spec: "images: {app: {binaries: [worker, app]}}\nbinaries: {worker: ., app: .}",
			want: plan.Config{Entrypoint: []string{"/usr/local/bin/app"}},
		},
		{
			name: "ports get their protocol, ranges are expanded, each is there once",
			spec: "images: {app: {ports: [8080, 53/udp, 8000-8002, 9/sctp, 8001/tcp, '8001-8001/udp', 8080/tcp]}}",
			want: plan.Config{
				Entrypoint: []string{"/usr/local/bin/app"},
				Ports:      []string{"8080/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp", "9/sctp", "8001/udp"},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req := request("app")
			req.Labels = tt.labels
			p := mustPlan(t, tt.spec, app("."), req)
			if diff := cmp.Diff(tt.want, p.Targets[0].Config); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestBaseAndAnnotations(t *testing.T) {
	const images = "images:\n  app:\n    base: alpine:3\n    annotations: {a: b}\n"
	p := mustPlan(t, images, app("."), request("", "linux/amd64", "linux/arm64"))
	for _, target := range p.Targets {
		if target.Base != "alpine:3" || target.BasePos.String() != "x.yaml:3:11" {
			t.Errorf("the base is %s of %s", target.Base, target.BasePos)
		}
		if diff := cmp.Diff(plan.Annotations{Manifest: map[string]string{"a": "b"}}, target.Annotations); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	bare := mustPlan(t, images, app("."), request("binaries")).Targets[0]
	if diff := cmp.Diff(plan.Target{Name: "binaries", Platform: bare.Platform, Layers: bare.Layers}, bare); diff != "" {
		t.Errorf("bare binaries have something of an image (-want +got)\n%s", diff)
	}
}

// TestLayers has the copies that an image is made of.
func TestLayers(t *testing.T) {
	const files = `images:
  app:
    files:
      - {from: ./web/dist/, to: /srv/web}
      - {from: LICENSE, to: /licenses/, mode: "0644"}
      - {from: run.sh, to: /run, mode: "750"}
`
	p := mustPlan(t, files, app("."), request("", "linux/amd64", "windows/amd64"))
	type layer struct {
		From, Src, Dest, Mode string
		Perm                  string
		Name, Pos             string
	}
	var got []layer
	for _, l := range steps[plan.Layer](p) {
		from := fmt.Sprintf("%T", p.Steps[l.From])
		got = append(got, layer{from, l.Src, l.Dest, l.Mode, fmt.Sprintf("%#o", l.Perm), l.Name, l.Pos.String()})
	}
	want := []layer{ // files are shared by both platforms
		{"plan.System", "/", "/", "", "0", "/etc, /usr/share/zoneinfo, /tmp", "spec"},
		{"plan.Compile", "app", "/usr/local/bin/app", "", "0755", "/usr/local/bin/app", "x.yaml"},
		{"plan.Context", "web/dist", "/srv/web", "u=rwX,go=rX", "0", "/srv/web", "x.yaml:4:9"},
		{"plan.Context", "LICENSE", "/licenses/", "u=rwX,g=rX,o=rX", "0644", "/licenses/", "x.yaml:5:9"},
		{"plan.Context", "run.sh", "/run", "u=rwx,g=rx,o=", "0750", "/run", "x.yaml:6:9"},
		{"plan.Compile", "app.exe", "/usr/local/bin/app.exe", "", "0755", "/usr/local/bin/app.exe", "x.yaml"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestFileModes(t *testing.T) {
	for mode, want := range map[string]string{
		"0644": "u=rwX,g=rX,o=rX", // X: directories can be entered
		"644":  "u=rwX,g=rX,o=rX",
		"0444": "u=rX,g=rX,o=rX",
		"0755": "u=rwx,g=rx,o=rx",
		"0700": "u=rwx,g=,o=",
		"0711": "u=rwx,g=x,o=x",
		"0200": "u=w,g=,o=",
		"0000": "u=,g=,o=",
		"4755": "u=rwx,g=rx,o=rx,u+s",
		"2755": "u=rwx,g=rx,o=rx,g+s",
		"1777": "u=rwx,g=rwx,o=rwx,+t",
		"7777": "u=rwx,g=rwx,o=rwx,u+s,g+s,+t",
	} {
		p := mustPlan(t, "images: {app: {files: [{from: x, to: /x, mode: '"+mode+"'}]}}", app("."), request(""))
		l := steps[plan.Layer](p)[2]
		if l.Mode != want {
			t.Errorf("%s is %q, want %q", mode, l.Mode, want)
		}
		if got := fmt.Sprintf("%04o", l.Perm); got != fmt.Sprintf("%04s", mode) {
			t.Errorf("%s is %s in bits", mode, got)
		}
	}
}

// TestContext has what of the context is sent beyond the files that go build reads by
// their extension.
func TestContext(t *testing.T) {
	plain := mustPlan(t, "", app("."), request(""))
	common := steps[plan.Context](plain)[0]
	type sent struct{ In, Out []string }
	for _, tt := range []struct {
		name  string
		spec  string
		facts *scan.Facts
		want  sent // what is there in addition
	}{
		{"nothing", "", app("."), sent{}},
		{
			"embedded files, even tests",
			"", with(app("."), func(f *scan.Facts) { f.Embeds = []string{"a/x.txt", "b/*"} }),
			sent{[]string{"a/x.txt", "b/*"}, []string{"!a/x.txt", "!a/x.txt/**", "!b/*", "!b/*/**"}},
		},
		{
			"vendored modules",
			"", facts([]scan.Module{{Dir: ".", Path: "example.com/app", Vendor: true}, {Dir: "a", Path: "example.com/a", Vendor: true}}, "."),
			sent{In: []string{"vendor", "a/vendor"}, Out: []string{"!vendor/**", "!a/vendor/**"}},
		},
		{
			"a vendored workspace",
			"", with(app("."), func(f *scan.Facts) { f.Work = &scan.Work{Use: []string{"."}, Vendor: true} }),
			sent{In: []string{"vendor"}, Out: []string{"!vendor/**"}},
		},
		{
			"a profile",
			"build: {pgo: cpu.pprof}", app("."),
			sent{In: []string{"cpu.pprof"}},
		},
		{
			"files of the image",
			"images: {app: {files: [{from: ./web/, to: /w}, {from: LICENSE, to: /}]}}", app("."),
			sent{[]string{"web", "LICENSE"}, []string{"!web", "!web/**", "!LICENSE", "!LICENSE/**"}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, tt.facts, request(""))
			ctx := steps[plan.Context](p)[0]
			got := sent{beyond(t, common.Include, ctx.Include), beyond(t, common.Exclude, ctx.Exclude)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	t.Run("all of the context", func(t *testing.T) {
		p := mustPlan(t, "images: {app: {files: [{from: ., to: /src}, {from: x, to: /x}]}}", app("."), request(""))
		if diff := cmp.Diff(plan.Context{}, steps[plan.Context](p)[0]); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// beyond gives what list has after the common elements that it begins with.
func beyond(t *testing.T, common, list []string) []string {
	t.Helper()
	if len(list) < len(common) || !cmp.Equal(common, list[:len(common)]) {
		t.Fatalf("%q does not begin with %q", list, common)
	}
	if len(list) == len(common) {
		return nil
	}
	return list[len(common):]
}

// TestSharedSteps checks that what is equal for all platforms is there once.
func TestSharedSteps(t *testing.T) {
	found := facts([]scan.Module{{Dir: ".", Path: "example.com/app", Requires: true}}, "a", "b")
	p := mustPlan(t, "images: {app: {binaries: [a, b], entrypoint: [x], files: [{from: x, to: /x}]}}", found, request("", "linux/amd64", "linux/arm64", "linux/arm/v6"))
	got := map[string]int{}
	for _, s := range p.Steps {
		got[fmt.Sprintf("%T", s)]++
	}
	want := map[string]int{"plan.Context": 1, "plan.Narrow": 1, "plan.Prune": 1, "plan.Std": 3, "plan.Deps": 3, "plan.Compile": 6, "plan.System": 1, "plan.Layer": 8}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestNarrow has the builds whose source is narrowed: one for each binary and pair of
// system and architecture that it builds for.
func TestNarrow(t *testing.T) {
	found := facts([]scan.Module{{Dir: ".", Path: "example.com/app"}}, "a", "b")
	p := mustPlan(t, "build: {tags: [x]}\nbinaries: {a: ./a, b: {main: ./b, cgo: true, pgo: b/cpu.pprof}}\nimages: {app: {binaries: [a, b], entrypoint: [x]}}",
		found, request("", "linux/amd64", "linux/amd64/v3", "linux/arm/v6", "linux/arm/v7"))
	target := func(arch string, cgo bool) scan.Target {
		return scan.Target{GOOS: "linux", GOARCH: arch, CGo: cgo, Tags: []string{"x"}}
	}
	const profile = "b/cpu.pprof"
	got := steps[plan.Narrow](p)[0].Builds
	sets := map[string]string{}
	for i, b := range got {
		sets[b.ID], got[i].Set = b.Set, ""
	}
	want := []scan.Build{
		{ID: "a-linux-amd64", Main: "a", Module: ".", Target: target("amd64", false)},
		{ID: "b-linux-amd64", Main: "b", Module: ".", Target: target("amd64", true), Profile: profile},
		{ID: "a-linux-arm", Main: "a", Module: ".", Target: target("arm", false)},
		{ID: "b-linux-arm", Main: "b", Module: ".", Target: target("arm", true), Profile: profile},
	}
	if sets["a-linux-amd64"] == sets["b-linux-amd64"] || sets["a-linux-amd64"] == sets["a-linux-arm"] {
		t.Errorf("builds share dependencies that are compiled differently: %v", sets)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestDeps has the compiled dependencies: one set for the binaries that are compiled alike.
func TestDeps(t *testing.T) {
	found := facts([]scan.Module{{Dir: ".", Path: "example.com/app"}}, "a", "b")
	for _, tt := range []struct {
		name, a, b string
		deps       int
	}{
		{"alike", "", "", 1},
		{"other link", "ldflags: [-X main.v=1]", "", 1},
		{"compiler flags of the main package", "gcflags: [-N]", "asmflags: [-S]", 1},
		{"compiler flags of all packages", "gcflags: [all=-N]", "", 2},
		{"tags", "tags: [x]", "", 2},
		{"build mode", "buildmode: pie", "", 2},
		{"cgo", "cgo: true", "", 2},
		{"environment", "env: {GOEXPERIMENT: x}", "", 2},
		{"level", "goamd64: v3", "", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, "binaries: {a: {main: ./a, "+tt.a+"}, b: {main: ./b, "+tt.b+"}}\nimages: {app: {binaries: [a, b], entrypoint: [x], base: debian}}", found, request(""))
			if got := len(steps[plan.Deps](p)); got != tt.deps {
				t.Errorf("%d steps, want %d", got, tt.deps)
			}
			for _, d := range steps[plan.Deps](p) {
				for _, f := range d.Flags {
					if strings.HasPrefix(f, "-ldflags") || f == "-gcflags=-N" || f == "-asmflags=-S" {
						t.Errorf("dependencies are compiled with %s", f)
					}
				}
			}
		})
	}
}
