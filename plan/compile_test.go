package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
)

// TestFlags has the flags of go build, in order.
func TestFlags(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec string
		want []string
	}{
		{"by default", "", []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"}},
		{
			"the binary's are added to the defaults",
			"build: {flags: [-mod=readonly], ldflags: [-X main.a=1], tags: [a], gcflags: [all=-N], asmflags: [all=-S]}\n" +
				"go: {parallel: 2}\nbinaries: {app: {main: ., flags: [-v], ldflags: [-X main.b=2], tags: [b], gcflags: [-m], asmflags: [./...=-S], buildmode: pie}}",
			[]string{
				"-trimpath", "-buildvcs=false", "-mod=readonly", "-v", "-p=2", "-tags=a,b",
				"-gcflags=all=-N -m", "-asmflags=all=-S", "-asmflags=./...=-S", "-buildmode=pie", "-ldflags=-s -w -X main.a=1 -X main.b=2",
			},
		},
		{
			"a binary's build mode replaces the default",
			"build: {buildmode: pie}\nbinaries: {app: {main: ., buildmode: exe}}",
			[]string{"-trimpath", "-buildvcs=false", "-buildmode=exe", "-ldflags=-s -w"},
		},
		{
			"the default build mode is no flag",
			"build: {buildmode: default}",
			[]string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"},
		},
		{
			"words without a pattern are one flag",
			"build: {gcflags: [-N, -l, -d=checkptr]}",
			[]string{"-trimpath", "-buildvcs=false", "-gcflags=-N -l -d=checkptr", "-ldflags=-s -w"},
		},
		{
			"each pattern is a flag, with the words that follow it",
			"build: {gcflags: [all=-N, -l, example.com/...=-m]}",
			[]string{"-trimpath", "-buildvcs=false", "-gcflags=all=-N -l", "-gcflags=example.com/...=-m", "-ldflags=-s -w"},
		},
		{
			"a definition is no pattern",
			"build: {asmflags: [-D, N=1, \"all='-D' 'M=2'\", std=]}",
			[]string{"-trimpath", "-buildvcs=false", "-asmflags=-D N=1", "-asmflags=all='-D' 'M=2'", "-asmflags=std=", "-ldflags=-s -w"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, app("."), request("app"))
			if diff := cmp.Diff(tt.want, compiled(t, p, "app", "linux/amd64").Flags); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestEnv has the whole environment of a compile step.
func TestEnv(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec string
		want []string
	}{
		{"by default", "", []string{
			"CGO_ENABLED=0", "GOAMD64=v1", "GOARCH=amd64", "GODEBUG=goindex=0", "GOENV=off", "GOFLAGS=", "GOOS=linux", "GOTOOLCHAIN=local",
		}},
		{
			"go.env, then build.env, then the binary's",
			"go: {env: {A: go, B: go, C: go}}\nbuild: {env: {B: build, C: build}}\nbinaries: {app: {main: ., env: {C: binary}}}",
			[]string{
				"A=go", "B=build", "C=binary",
				"CGO_ENABLED=0", "GOAMD64=v1", "GOARCH=amd64", "GODEBUG=goindex=0", "GOENV=off", "GOFLAGS=", "GOOS=linux", "GOTOOLCHAIN=local",
			},
		},
		{"cgo", "build: {cgo: true}", []string{
			"CGO_ENABLED=1", "GOAMD64=v1", "GOARCH=amd64", "GODEBUG=goindex=0", "GOENV=off", "GOFLAGS=", "GOOS=linux", "GOTOOLCHAIN=local",
		}},
		{"cgo off for one binary", "build: {cgo: true}\nbinaries: {app: {main: ., cgo: false}}", []string{
			"CGO_ENABLED=0", "GOAMD64=v1", "GOARCH=amd64", "GODEBUG=goindex=0", "GOENV=off", "GOFLAGS=", "GOOS=linux", "GOTOOLCHAIN=local",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, app("."), request("app"))
			if diff := cmp.Diff(tt.want, compiled(t, p, "app", "linux/amd64").Env); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestLevels has the GO<ARCH> variable for each platform.
func TestLevels(t *testing.T) {
	for _, tt := range []struct {
		platform string
		build    string
		want     string // "" when no GO<ARCH> is set
	}{
		{"linux/amd64", "", "GOAMD64=v1"},
		{"linux/amd64", "goamd64: v3", "GOAMD64=v3"},
		{"linux/arm", "", "GOARM=7"},
		{"linux/arm/v7", "", "GOARM=7"},
		{"linux/arm/v6", "", "GOARM=6"},
		{"linux/arm/v5", "", "GOARM=5"},
		{"linux/arm/v7", "goarm: '5'", "GOARM=5"},
		{"linux/arm/v6", "goarm: '6,softfloat'", "GOARM=6,softfloat"},
		{"freebsd/arm", "", "GOARM=7"},
		{"linux/arm64", "", "GOARM64=v8.0"},
		{"linux/arm64/v8", "", "GOARM64=v8.0"},
		{"linux/arm64/v8.2", "", "GOARM64=v8.2"},
		{"linux/arm64/v9", "", "GOARM64=v9.0"},
		{"linux/arm64/v9.3", "", "GOARM64=v9.3"},
		{"linux/arm64", "goarm64: 'v8.1,lse'", "GOARM64=v8.1,lse"},
		{"linux/386", "", ""},
		{"linux/386", "go386: softfloat", "GO386=softfloat"},
		{"linux/mips", "gomips: softfloat", "GOMIPS=softfloat"},
		{"linux/mipsle", "gomips: hardfloat", "GOMIPS=hardfloat"},
		{"linux/mips64", "gomips64: softfloat", "GOMIPS64=softfloat"},
		{"linux/mips64le", "gomips64: hardfloat", "GOMIPS64=hardfloat"},
		{"linux/ppc64", "goppc64: power9", "GOPPC64=power9"},
		{"linux/ppc64le", "goppc64: power10", "GOPPC64=power10"},
		{"linux/riscv64", "goriscv64: rva22u64", "GORISCV64=rva22u64"},
		{"linux/riscv64", "", ""},
		{"linux/s390x", "", ""},
		{"linux/loong64", "goamd64: v3, goarm: '5', gomips: softfloat", ""},
	} {
		t.Run(tt.platform+" "+tt.build, func(t *testing.T) {
			p := mustPlan(t, buildKey(tt.build), app("."), request("", tt.platform))
			if diff := cmp.Diff(tt.want, strings.Join(levels(steps[plan.Compile](p)[0].Env), " ")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// buildKey gives a spec with these keys under build.
func buildKey(keys string) string {
	if keys == "" {
		return ""
	}
	return "build: {" + keys + "}"
}

func levels(env []string) []string {
	names := []string{"GOAMD64", "GOARM", "GOARM64", "GO386", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64"}
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return !slices.Contains(names, name)
	})
}

func TestLevelAboveThePlatforms(t *testing.T) {
	for _, tt := range []struct {
		name string
		spec string
		want []string
	}{
		{"of one binary", "binaries:\n  app:\n    main: .\n    goarm: '7'\n", []string{
			`x.yaml:4:12: binary "app": goarm 7 does not run on linux/arm/v6 [bad-level]`,
		}},
		{"of all binaries", "name: app\nbuild:\n  goarm: '7'\n", []string{
			`x.yaml:3:10: binary "app": goarm 7 does not run on linux/arm/v6 [bad-level]`,
		}},
		{"of all binaries, for one of the spec", "binaries: {app: .}\nbuild:\n  goarm: '7,hardfloat'\n", []string{
			`x.yaml:3:10: binary "app": goarm 7,hardfloat does not run on linux/arm/v6 [bad-level]`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, app("."), request("", "linux/arm/v7", "linux/arm/v6"))
			diffResult(t, p, err, tt.want)
		})
	}
}

// TestAMD64Variants has which compile step serves which platform of a request.
func TestAMD64Variants(t *testing.T) {
	const warning = "x.yaml: linux/amd64/v3 gets the build for linux/amd64, which runs on every level; " +
		"name linux/amd64/v3 under platforms, or set goamd64, for a build of its own [shared-variant]"
	for _, tt := range []struct {
		name     string
		spec     string
		list     []string
		compiles []string
		warnings string
	}{
		{"the baseline serves all levels", "", []string{"linux/amd64", "linux/amd64/v3"}, []string{"linux/amd64 v1"}, warning},
		{"also when it was not asked for itself", "", []string{"linux/amd64/v3"}, []string{"linux/amd64 v1"}, warning},
		{"v1 is the baseline", "", []string{"linux/amd64/v1"}, []string{"linux/amd64 v1"}, ""},
		{"a level under platforms is compiled", "platforms: [linux/amd64, linux/amd64/v3]", []string{"linux/amd64", "linux/amd64/v3"}, []string{"linux/amd64 v1", "linux/amd64/v3 v3"}, ""},
		{"but no other", "platforms: [linux/amd64, linux/amd64/v2]", []string{"linux/amd64/v2", "linux/amd64/v3"}, []string{"linux/amd64/v2 v2", "linux/amd64 v1"}, warning},
		{"goamd64 is the level of all", "build: {goamd64: v2}", []string{"linux/amd64", "linux/amd64/v2", "linux/amd64/v3"}, []string{"linux/amd64 v2"}, ""},
		{"one warning for several binaries", "images: {app: {binaries: [a, b], entrypoint: [a], user: '1'}}\nbinaries: {a: ./a, b: ./b}", []string{"linux/amd64/v3"}, []string{"linux/amd64 v1", "linux/amd64 v1"}, warning},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := app("a", "b")
			if !strings.Contains(tt.spec, "binaries") {
				f = app(".")
			}
			p := mustPlan(t, tt.spec, f, request("", tt.list...))
			var compiles []string
			for _, c := range steps[plan.Compile](p) {
				level, _ := env(c.Env, "GOAMD64")
				compiles = append(compiles, platforms.Format(c.Platform)+" "+level)
			}
			if diff := cmp.Diff(tt.compiles, compiles); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.warnings, p.Warnings.Error()); diff != "" {
				t.Errorf("warnings (-want +got)\n%s", diff)
			}
			for i, target := range p.Targets {
				if got, want := platforms.Format(target.Platform), platforms.Format(platforms.Normalize(platforms.MustParse(tt.list[i]))); got != want {
					t.Errorf("target %d is for %s, want %s", i, got, want)
				}
			}
		})
	}
}

// TestOSVersion checks that the version of an OS makes another image, not another binary.
func TestOSVersion(t *testing.T) {
	req := request("")
	for _, v := range []string{"10.0.17763", "10.0.20348"} {
		req.Platforms = append(req.Platforms, ocispecs.Platform{OS: "windows", Architecture: "amd64", OSVersion: v})
	}
	p := mustPlan(t, "", app("."), req)
	if n := len(steps[plan.Compile](p)); n != 1 {
		t.Errorf("%d compile steps", n)
	}
	if got := p.Targets[1].Platform.OSVersion; got != "10.0.20348" {
		t.Errorf("the version of the second target is %q", got)
	}
}

func TestOutputNames(t *testing.T) {
	for platform, want := range map[string]string{
		"linux/amd64": "app", "windows/arm64": "app.exe", "wasip1/wasm": "app.wasm", "js/wasm": "app.wasm", "darwin/arm64": "app",
	} {
		p := mustPlan(t, "", app("."), request("", platform))
		if got := steps[plan.Compile](p)[0].Output; got != want {
			t.Errorf("%s: the output is %s, want %s", platform, got, want)
		}
		if got, want := p.Targets[0].Config.Entrypoint, []string{"/usr/local/bin/" + want}; !slices.Equal(got, want) {
			t.Errorf("%s: the entrypoint is %q, want %q", platform, got, want)
		}
	}
}

// TestModules has where go build runs, on what, and where its modules come from.
func TestModules(t *testing.T) {
	root := scan.Module{Dir: ".", Path: "example.com/app", Go: "1.26", Requires: true}
	svc := scan.Module{Dir: "svc", Path: "example.com/svc", Go: "1.26", Requires: true}
	alone := scan.Module{Dir: "alone", Path: "example.com/alone", Go: "1.26", Requires: true}
	vendored := func(m scan.Module) scan.Module { m.Vendor = true; return m }
	free := func(m scan.Module) scan.Module { m.Requires = false; return m }
	work := func(w scan.Work, f *scan.Facts) *scan.Facts { w.Go = "1.26"; f.Work = &w; return f }
	for _, tt := range []struct {
		name    string
		spec    string
		facts   *scan.Facts
		binary  string
		build   string // dir, package and GOWORK of the compile step
		modules bool   // they are downloaded
	}{
		{"a module at the root", "", facts([]scan.Module{root}, "cmd/x"), "app", ". ./cmd/x", true},
		{"a nested module", "binaries: {x: ./svc/cmd/x}", facts([]scan.Module{root, svc}, "svc/cmd/x"), "x", "svc ./cmd/x", true},
		{"a module without requirements", "", facts([]scan.Module{free(root)}, "cmd/x"), "app", ". ./cmd/x", false},
		{"a vendored module", "", facts([]scan.Module{vendored(root)}, "cmd/x"), "app", ". ./cmd/x", false},
		{"a vendored module whose vendor folder is not used", "build: {flags: [-mod=readonly]}", facts([]scan.Module{vendored(root)}, "cmd/x"), "app", ". ./cmd/x", true},
		{"the last -mod wins", "build: {flags: [-mod=readonly, --mod=vendor]}", facts([]scan.Module{vendored(root)}, "cmd/x"), "app", ". ./cmd/x", false},
		{"a workspace", "binaries: {x: ./svc/cmd/x}", work(scan.Work{Use: []string{".", "svc"}}, facts([]scan.Module{root, free(svc)}, "svc/cmd/x")), "x", ". ./svc/cmd/x", true},
		{"a vendored workspace", "binaries: {x: ./svc/cmd/x}", work(scan.Work{Use: []string{".", "svc"}, Vendor: true}, facts([]scan.Module{root, svc}, "svc/cmd/x")), "x", ". ./svc/cmd/x", false},
		{"a workspace does not use a module's vendor folder", "binaries: {x: ./svc/cmd/x}", work(scan.Work{Use: []string{".", "svc"}}, facts([]scan.Module{vendored(root), svc}, "svc/cmd/x")), "x", ". ./svc/cmd/x", true},
		{"a workspace without requirements", "binaries: {x: ./svc/cmd/x}", work(scan.Work{Use: []string{"svc"}}, facts([]scan.Module{root, free(svc)}, "svc/cmd/x")), "x", ". ./svc/cmd/x", false},
		{"a module outside the workspace", "binaries: {x: ./alone}", work(scan.Work{Use: []string{".", "svc"}}, facts([]scan.Module{alone, root, svc}, "alone")), "x", "alone . off", true},
		{"a workspace that is turned off", "go: {env: {GOWORK: off}}\nbinaries: {x: ./svc/cmd/x}", work(scan.Work{Use: []string{"svc"}}, facts([]scan.Module{svc}, "svc/cmd/x")), "x", "svc ./cmd/x off", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, tt.facts, request("", "linux/amd64", "linux/arm64", "windows/amd64"))
			c := compiled(t, p, tt.binary, "linux/amd64")
			if got := strings.TrimSpace(c.Dir + " " + c.Package + " " + gowork(c.Env)); got != tt.build {
				t.Errorf("go build runs as %q, want %q", got, tt.build)
			}
			if d := p.Steps[c.Deps].(plan.Deps); d.Download != tt.modules || d.Dir != c.Dir || gowork(d.Env) != gowork(c.Env) {
				t.Errorf("modules are downloaded is %v in %q with GOWORK %q, want %v", d.Download, d.Dir, gowork(d.Env), tt.modules)
			}
			if (c.Std == plan.NoStep) == tt.modules {
				t.Errorf("std of its own is step %d", c.Std)
			}
		})
	}
}

func gowork(list []string) string {
	v, _ := env(list, "GOWORK")
	return v
}

// TestModuleEnv has what says where modules come from: the deps step has it and no other,
// for a proxy more is no reason to compile.
func TestModuleEnv(t *testing.T) {
	required := facts([]scan.Module{{Dir: ".", Path: "example.com/app", Go: "1.26", Requires: true}}, ".")
	p := mustPlan(t, "go: {proxy: 'https://proxy.example.com', env: {GONOSUMDB: '*', X: y}}", required, request("", "linux/amd64"))
	deps, c := steps[plan.Deps](p)[0], steps[plan.Compile](p)[0]
	for key, want := range map[string]string{"GOPROXY": "https://proxy.example.com", "GONOSUMDB": "*"} {
		if got, _ := env(deps.Env, key); got != want {
			t.Errorf("%s of deps is %q, want %q", key, got, want)
		}
		for name, list := range map[string][]string{"compile": c.Env, "std": steps[plan.Std](p)[0].Env} {
			if got, ok := env(list, key); ok {
				t.Errorf("%s has %s=%s", name, key, got)
			}
			if got, _ := env(list, "X"); got != "y" {
				t.Errorf("%s lacks X", name)
			}
		}
	}
}

// TestToolchain has the image that is chosen and the least Go of the source.
func TestToolchain(t *testing.T) {
	mod := func(goLine, toolchain string) *scan.Facts {
		return facts([]scan.Module{{Dir: ".", Path: "example.com/app", Go: goLine, Toolchain: toolchain}}, ".")
	}
	monorepo := func(w *scan.Work) *scan.Facts {
		f := facts([]scan.Module{
			{Dir: "a", Path: "example.com/a", Go: "1.22"},
			{Dir: "b", Path: "example.com/b", Go: "1.25.2", Toolchain: "go1.25.4"},
			{Dir: "c", Path: "example.com/c", Go: "1.26"},
		}, "a", "b", "c")
		f.Work = w
		return f
	}
	const binaries = "binaries: {a: ./a, b: ./b, c: ./c}\nimages: {a: {}, b: {}, ab: {binaries: [a, b], entrypoint: [x]}, c: {}}\n"
	for _, tt := range []struct {
		name   string
		spec   string
		facts  *scan.Facts
		target string
		want   string // image, least Go and its file, place that chose the image; or the error
	}{
		{"the go line", "", mod("1.26", ""), "", "golang:1.26-alpine, 1.26 of go.mod"},
		{"the go line with a patch level", "", mod("1.26.3", ""), "", "golang:1.26.3-alpine, 1.26.3 of go.mod"},
		{"a release candidate", "", mod("1.27rc1", ""), "", "golang:1.27rc1-alpine, 1.27rc1 of go.mod"},
		{"the toolchain line", "", mod("1.25", "go1.26.3"), "", "golang:1.26.3-alpine, 1.25 of go.mod"},
		{"the suffix of a toolchain does not count", "", mod("1.25", "go1.26.3-corp"), "", "golang:1.26.3-alpine, 1.25 of go.mod"},
		{"a toolchain line older than the go line", "", mod("1.26", "go1.25.1"), "", "golang:1.26-alpine, 1.26 of go.mod"},
		{"a toolchain line that makes no sense", "", mod("1.26", "gopher"), "", "golang:1.26-alpine, 1.26 of go.mod"},
		{"older than the oldest toolchain", "", mod("1.18", ""), "", "golang:1.21-alpine, 1.18 of go.mod"},
		{"no go line", "", mod("", ""), "", "golang:1.21-alpine,  of go.mod"},
		{"go.version", "go: {version: '1.26.1'}", mod("1.25", "go1.26.3"), "", "golang:1.26.1-alpine, 1.25 of go.mod, x.yaml:1:15"},
		{"go.version names the newest of its line", "go: {version: '1.26'}", mod("1.26.3", ""), "", "golang:1.26-alpine, 1.26.3 of go.mod, x.yaml:1:15"},
		{"go.version with an older patch level", "go: {version: '1.26.2'}", mod("1.26.3", ""), "", "x.yaml:1:15: go.version is 1.26.2, but go.mod requires Go 1.26.3 [old-toolchain]"},
		{"go.version too old", "go:\n  version: '1.25'", mod("1.26", ""), "", "x.yaml:2:12: go.version is 1.25, but go.mod requires Go 1.26 [old-toolchain]"},
		{"go.image", "go: {image: 'corp/go:7'}", mod("1.26", ""), "", "corp/go:7, 1.26 of go.mod, x.yaml:1:13"},
		{"go.image with cgo", "go: {image: 'corp/go:7'}\nbuild: {cgo: true}", mod("1.26", ""), "", "corp/go:7, 1.26 of go.mod, x.yaml:1:13"},
		{"cgo needs the Debian variant", "build: {cgo: true}", mod("1.26", ""), "", "golang:1.26, 1.26 of go.mod"},
		{"cgo of one binary of the image", "binaries: {a: ., b: {main: ., cgo: true}}\nimages: {a: {}, ab: {binaries: [a, b], entrypoint: [x]}}", mod("1.26", ""), "ab", "golang:1.26, 1.26 of go.mod"},
		{"cgo of another image", "binaries: {a: ., b: {main: ., cgo: true}}\nimages: {a: {}, ab: {binaries: [a, b], entrypoint: [x]}}", mod("1.26", ""), "a", "golang:1.26-alpine, 1.26 of go.mod"},
		{"the module of the binary", binaries, monorepo(nil), "b", "golang:1.25.4-alpine, 1.25.2 of b/go.mod"},
		{"the newest of the modules of the binaries", binaries, monorepo(nil), "ab", "golang:1.25.4-alpine, 1.25.2 of b/go.mod"},
		{"go.work", binaries, monorepo(&scan.Work{Go: "1.26.1", Toolchain: "go1.26.5", Use: []string{"a", "b"}}), "a", "golang:1.26.5-alpine, 1.26.1 of go.work"},
		{"a module outside the workspace", binaries, monorepo(&scan.Work{Go: "1.26.1", Use: []string{"a", "b"}}), "c", "golang:1.26-alpine, 1.26 of c/go.mod"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlan(t, tt.spec, tt.facts, request(tt.target))
			var got string
			if err != nil {
				got = err.Error()
			} else {
				tc := p.Toolchain
				got = tc.Image + ", " + tc.Go + " of " + tc.GoFile
				if tc.Pos.IsValid() {
					got += ", " + tc.Pos.String()
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOlderGo(t *testing.T) {
	for _, tt := range []struct {
		has, needs string
		want       bool
	}{
		{"1.26", "1.26", false},
		{"1.26", "1.26.3", false}, // the tag is the newest of its line
		{"1.26", "1.27", true},
		{"1.26.2", "1.26.3", true},
		{"1.26.3", "1.26", false},
		{"1.26.0", "1.26", false},
		{"1.9", "1.21", true},
		{"1.27rc1", "1.27", false},
		{"1.27rc1", "1.27.0", true},
		{"1.26", "", false},
		{"", "1.21", true},
		{"", "", false},
		{"x", "1.21", true},
	} {
		if got := plan.OlderGo(tt.has, tt.needs); got != tt.want {
			t.Errorf("OlderGo(%q, %q) is %v", tt.has, tt.needs, got)
		}
	}
}
