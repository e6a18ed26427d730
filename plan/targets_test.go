package plan_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/containerd/platforms"
	"github.com/google/go-cmp/cmp"
)

// TestDist has the names in the tree of all platforms.
func TestDist(t *testing.T) {
	for _, tt := range []struct {
		name, spec string
		platforms  []string
		want       []string
	}{
		{"binaries of the spec's platforms", "platforms: [linux/amd64, linux/arm/v6, windows/arm64]", nil, []string{
			"app-linux-amd64", "app-linux-arm-v6", "app-windows-arm64.exe",
		}},
		{"binaries of the request's", "platforms: [linux/amd64, linux/arm64]", []string{"linux/arm64"}, []string{"app-linux-arm64"}},
		{"of the builder's own", "", nil, []string{"app-linux-amd64"}},
		{"archives", "dist: {archive: auto, files: [LICENSE]}", []string{"linux/amd64", "windows/amd64"}, []string{
			"app-linux-amd64.tar.gz: app LICENSE", "app-windows-amd64.zip: app.exe LICENSE",
		}},
		{"a name with a dot", "dist: {archive: zip}\nbinaries: {a.b: .}", []string{"linux/amd64"}, []string{"a.b-linux-amd64.zip: a.b"}},
		{"a library and its header", "binaries: {app: {main: ., cgo: true, buildmode: c-shared}}", []string{"linux/amd64"}, []string{"app-linux-amd64.so", "app-linux-amd64.h"}},
		{"both in one archive", "dist: {archive: zip}\nbinaries: {app: {main: ., cgo: true, buildmode: c-shared}}", []string{"linux/amd64"}, []string{
			"app-linux-amd64.zip: app.so", "app-linux-amd64.zip: app.h",
		}},
		{"none", "dist: {archive: none, files: [LICENSE]}", []string{"darwin/arm64"}, []string{"app-darwin-arm64"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, app("."), request("dist", tt.platforms...))
			d := steps[plan.Dist](p)[0]
			var got []string
			for _, b := range d.Binaries {
				name := b.Name
				if b.Archive != "" {
					name = b.Archive + ": " + strings.Join(append([]string{b.Name}, d.Paths...), " ")
				}
				got = append(got, name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !p.Whole || len(p.Targets) != 1 {
				t.Errorf("whole is %v with %d targets", p.Whole, len(p.Targets))
			}
		})
	}
}

// TestTests has which packages the targets test and vet run where.
func TestTests(t *testing.T) {
	modules := []scan.Module{{Dir: ".", Path: "example.com/root"}, {Dir: "a", Path: "example.com/a"}, {Dir: "b/c", Path: "example.com/c"}}
	below := modules[1:]
	work := with(facts(modules, "x"), func(f *scan.Facts) { f.Work = &scan.Work{Use: []string{"a", "b/c"}} })
	vet, run := "go vet -buildvcs=false ", "go test -count=1 -buildvcs=false "
	for _, tt := range []struct {
		name, spec, target string
		facts              *scan.Facts
		want               []string // dir: commands
	}{
		{"all of the module", "", "test", app("."), []string{".: " + vet + "./...; " + run + "./..."}},
		{"vet", "", "vet", app("."), []string{".: " + vet + "./..."}},
		{"no vet", "test: {vet: false}", "test", app("."), []string{".: go test -count=1 -vet=off -buildvcs=false ./..."}},
		{"the module around the root alone", "test: {vet: false, packages: [./...]}", "vet", facts(modules, "."), []string{".: " + vet + "./..."}},
		{"each module, where none is at the root", "", "vet", facts(below, "a"), []string{"a: " + vet + "./...", "b/c: " + vet + "./..."}},
		{"a workspace", "", "vet", work, []string{".: " + vet + "./a/... ./b/c/..."}},
		{"packages of several modules", "test: {packages: [./x, ./a/y/..., ./b/...]}", "vet", facts(modules, "x"), []string{
			".: " + vet + "./x ./b/...", "a: " + vet + "./y/...",
		}},
		{"tags and bounds", "go: {parallel: 3}\nbuild: {tags: [x], ldflags: ['-X a.b={{.Version}}'], buildmode: pie}", "vet", app("."), []string{
			".: go vet -buildvcs=false -p=3 -tags=x ./...",
		}},
		{"race", "test: {race: true}", "vet", app("."), []string{".: go vet -buildvcs=false -race ./..."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := mustPlan(t, tt.spec, tt.facts, request(tt.target, "windows/arm64")) // they run on the build platform all the same
			var got []string
			for _, s := range steps[plan.Test](p) {
				var commands []string
				for _, c := range s.Commands {
					commands = append(commands, strings.Join(c, " "))
				}
				got = append(got, s.Dir+": "+strings.Join(commands, "; "))
				if v, _ := env(s.Env, "GOARCH"); v != "amd64" {
					t.Errorf("tests are for %s", v)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	p, err := newPlan(t, "test: {packages: [./nothing, ./a]}", facts(below, "a"), request("test"))
	diffResult(t, p, err, []string{"x.yaml:1:19: ./nothing: no module holds it [no-package]"})
}

// TestDepsTarget holds that the target deps has every deps step, each as a layer of its platform's
// image and in a folder of its own, and compiles no binary.
func TestDepsTarget(t *testing.T) {
	p := mustPlan(t, "binaries: {a: ., b: {main: ., tags: [x]}}", facts(requires, "."), request("deps", "linux/amd64", "linux/arm64"))
	if n := len(steps[plan.Deps](p)); n != 4 || len(steps[plan.Compile](p)) > 0 {
		t.Errorf("%d deps steps, %d compile steps", n, len(steps[plan.Compile](p)))
	}
	folders := map[string]bool{}
	for i, target := range p.Targets {
		deps := p.DepsOf(target)
		if len(deps) != 2 || len(steps[plan.Summary](p)[i].Deps) != 2 {
			t.Errorf("%s: %d deps steps", platforms.Format(target.Platform), len(deps))
		}
		for _, d := range deps {
			folders[d.Folder()] = true
			if !strings.HasPrefix(d.Folder(), strings.ReplaceAll(platforms.Format(target.Platform), "/", "-")+"-") {
				t.Errorf("%s holds %s", platforms.Format(target.Platform), d.Folder())
			}
		}
	}
	if len(folders) != 4 {
		t.Errorf("folders are %v", folders)
	}
}

// TestOwnTarget holds that the target own has a layer of the own packages of the binaries that share a deps step, and
// links nothing.
func TestOwnTarget(t *testing.T) {
	const binaries = "binaries: {a: ./cmd/a, b: {main: ./cmd/b, tags: [x]}, c: {main: ./cmd/c, ldflags: [-X main.v=1]}}"
	p := mustPlan(t, binaries, facts(requires, "cmd/a", "cmd/b", "cmd/c"), request(plan.TargetOwn, "linux/amd64", "linux/arm64"))
	if len(steps[plan.Compile](p))+len(steps[plan.Link](p)) > 0 {
		t.Error(p.Explain())
	}
	for _, target := range p.Targets {
		var got []string
		for i, s := range p.OwnOf(target) {
			got = append(got, strings.Join(s.Packages, " ")+" "+strings.Join(s.Flags, " "))
			name := p.Steps[s.Deps].(plan.Deps).OwnFolder()
			if l := p.Steps[target.Layers[i]].(plan.Layer); l.Name != name || s.Binary+s.Build+s.Output != "" {
				t.Errorf("%s: %+v", l.Name, s)
			}
		}
		want := []string{"./cmd/a ./cmd/c -trimpath -buildvcs=false", "./cmd/b -trimpath -buildvcs=false -tags=x"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", platforms.Format(target.Platform), diff)
		}
	}
}

// TestSeedOfPlan holds that a seed changes no step.
func TestSeedOfPlan(t *testing.T) {
	with := mustPlan(t, "cache: {seed: r.io/x}", facts(requires, "."), request(""))
	if with.Seed != "r.io/x" || !strings.Contains(with.Explain(), "not by the seed r.io/x") {
		t.Errorf("the seed is %q\n%s", with.Seed, with.Explain())
	}
	if diff := cmp.Diff(mustPlan(t, "", facts(requires, "."), request("")).Steps, with.Steps); diff != "" {
		t.Errorf("(-without +with)\n%s", diff)
	}
}

// TestOverrides has what a binary is compiled with on some platforms only.
func TestOverrides(t *testing.T) {
	const spec = `
build: {tags: [all]}
binaries:
  app:
    main: .
    env: {A: '1'}
    overrides:
      - {platform: linux, tags: [onlinux], ldflags: [-X a.b=c]}
      - {platform: "*/arm64", env: {A: '2'}, goarm64: v8.2, flags: [-cover]}
`
	p := mustPlan(t, spec, app("."), request("binaries", "linux/amd64", "linux/arm64", "darwin/arm64"))
	for platform, want := range map[string]string{
		"linux/amd64":  "-trimpath -buildvcs=false -tags=all,onlinux -ldflags=-s -w -X a.b=c A=1 ",
		"linux/arm64":  "-trimpath -buildvcs=false -cover -tags=all,onlinux -ldflags=-s -w -X a.b=c A=2 v8.2",
		"darwin/arm64": "-trimpath -buildvcs=false -cover -tags=all -ldflags=-s -w A=2 v8.2",
	} {
		c := compiled(t, p, "app", platform)
		a, _ := env(c.Env, "A")
		level, _ := env(c.Env, "GOARM64")
		if got := strings.Join(c.Flags, " ") + " A=" + a + " " + level; got != want {
			t.Errorf("%s\ngot  %s\nwant %s", platform, got, want)
		}
	}
}

// TestVariants holds that a variant is an image of its own with another level.
func TestVariants(t *testing.T) {
	const spec = "binaries: {app: {main: ., overrides: [{platform: linux, env: {GOAMD64: v2}}]}}\nimages: {app: {variants: {app-v3: {goamd64: v3}}, debug: true, user: '1'}}"
	for target, want := range map[string]string{"": "v2", "app": "v2", "app-v3": "v3"} {
		p := mustPlan(t, spec, app("."), request(target))
		if level, _ := env(compiled(t, p, "app", "linux/amd64").Env, "GOAMD64"); level != want {
			t.Errorf("target %q has level %s, want %s", target, level, want)
		}
	}
	p := mustPlan(t, spec, app("."), request("app-debug", "linux/arm64"))
	c := compiled(t, p, "app", "linux/arm64")
	if !slices.Contains(c.Flags, "-gcflags=all=-N -l") || slices.ContainsFunc(c.Flags, func(f string) bool { return strings.Contains(f, "-s -w") }) {
		t.Errorf("flags of a debug image: %q", c.Flags)
	}
	tools := steps[plan.Tool](p)
	if len(tools) != 1 || platforms.Format(tools[0].Platform) != "linux/arm64" {
		t.Errorf("Delve: %+v", tools)
	}
	config := p.Targets[0].Config
	want := []string{"/usr/local/bin/dlv", "exec", "--headless", "--listen=:40000", "--api-version=2", "--accept-multiclient", "/usr/local/bin/app", "--"}
	if diff := cmp.Diff(want, config.Entrypoint); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestWords has how flags of the linker keep their words.
func TestWords(t *testing.T) {
	for element, want := range map[string]string{
		"-X main.a=1":              "-X main.a=1",
		"-X 'main.a=b c'":          "-X 'main.a=b c'",
		`-X "main.a=it's"`:         `-X "main.a=it's"`,
		"-X main.a={{.Version}}":   "-X 'main.a=v1 \"x\"'",
		"-X main.a={{ .Version }}": "-X 'main.a=v1 \"x\"'",
		"":                         "",
	} {
		if element == "" {
			continue
		}
		req := request("binaries")
		req.Version = `v1 "x"`
		p := mustPlan(t, "build: {ldflags: ["+asJSON(t, element)+"]}", app("."), req)
		flags := steps[plan.Compile](p)[0].Flags
		if links := steps[plan.Link](p); len(links) > 0 {
			flags = links[0].Flags
		}
		if got := strings.TrimPrefix(flags[len(flags)-1], "-ldflags=-s -w "); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", element, got, want)
		}
	}
	p, err := newPlan(t, "build:\n  ldflags: [\"-X 'a\", '-X a=''\"{{.Version}}']", app("."), request("binaries"))
	diffResult(t, p, err, []string{
		`x.yaml:2:13: this ' is never closed: 'a [bad-flag]`,
		`x.yaml:2:22: go can't take a flag of the linker with both kinds of quotes: a='"devel [bad-flag]`,
	})
}

// TestArgs has build args in free text, and their mistakes.
func TestArgs(t *testing.T) {
	const spec = `args: {channel: stable}
images:
  app:
    base: debian:{{.Args.channel}}
    user: "1"
    labels: {channel: "{{.Args.channel}} {{.Arch}}"}
    env: {CHANNEL: "{{.Args.channel}}"}
    cmd: ["{{.Args.channel}}"]
`
	for given, want := range map[string]string{"": "stable", "beta": "beta"} {
		req := request("", "linux/arm64")
		if given != "" {
			req.Args = map[string]string{"channel": given, "other": "x"}
		}
		target := mustPlan(t, spec, app("."), req).Targets[0]
		c := target.Config
		if target.Base != "debian:"+want || c.Labels["channel"] != want+" arm64" || c.Env[0] != "CHANNEL="+want || c.Cmd[0] != want {
			t.Errorf("%s %+v", target.Base, c)
		}
	}
	p, err := newPlan(t, strings.ReplaceAll(spec, "base: debian:{{.Args.channel}}", "base: debian:{{.Args.chanel}}"), app("."), request(""))
	diffResult(t, p, err, []string{`x.yaml:4:11: there is no {{.Args.chanel}}; args: declares build args (did you mean "channel"?) [bad-template]`})
}

// TestFiles has where the files of an image come from.
func TestFiles(t *testing.T) {
	sum := "sha256:" + strings.Repeat("0", 64)
	p := mustPlan(t, `images:
  app:
    user: "1"
    certs: false
    capabilities: {/usr/local/bin/app: cap_net_raw=+ep}
    files:
      - {image: alpine, from: /etc/services, to: /etc/services, owner: "1:2"}
      - {url: "https://example.com/x", checksum: "`+sum+`", to: /x}
      - {url: "https://example.com/a/named.dat?b", checksum: "`+sum+`", to: /d/}
      - {link: /x, to: /y}
      - {from: "web/*.html", to: /web/}
`, app("."), request("", "linux/arm64"))
	var got []string
	for _, l := range steps[plan.Layer](p) {
		from := "link"
		if l.From != plan.NoStep {
			from = strings.TrimPrefix(typeName(p.Steps[l.From]), "plan.")
		}
		got = append(got, strings.Join([]string{from, l.Src + l.Link, l.Dest}, " "))
	}
	want := []string{"Setcap app /usr/local/bin/app", "Image /etc/services /etc/services", "HTTP file /x", "HTTP file /d/named.dat", "link /x /y", "Context web/*.html /web/"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if uses := p.Images(); len(uses) != 2 || uses[1].Ref != "alpine" || uses[1].Platform.Architecture != "arm64" {
		t.Errorf("%+v", uses)
	}
}

// TestCapabilities has those of a file that the image does not have, once for all platforms.
func TestCapabilities(t *testing.T) {
	const spec = "images:\n  app:\n    user: '1'\n    files: [{from: tool, to: /opt/}]\n    capabilities:\n      /opt/tool: cap_net_raw=ep\n      /usr/bin/app: cap_net_raw=ep\n"
	p, err := newPlan(t, spec, app("."), request("", "linux/amd64", "linux/arm64"))
	diffResult(t, p, err, []string{`x.yaml:7:7: image "app" has no file /usr/bin/app; its files are /opt/tool, /usr/local/bin/app [unknown-path]`})
	p = mustPlan(t, strings.ReplaceAll(spec, "/usr/bin", "/usr/local/bin"), app("."), request("", "linux/amd64", "windows/amd64"))
	if n := len(steps[plan.Setcap](p)); n != 2 { // of Linux
		t.Errorf("%d files have capabilities", n)
	}
}

// TestWarnings has each warning with its place, and how it is accepted.
func TestWarnings(t *testing.T) {
	const spec = `images:
  app: {binaries: [app]}
  based: {binaries: [app], base: debian, user: root}
binaries: {app: ., unused: .}
`
	for target, want := range map[string][]string{
		"app": {
			`x.yaml:2:8: image "app" runs as root; set user: 65532 [root-user]`,
			`x.yaml:4:20: no image holds binary "unused" [unused-binary]`,
		},
		"based": {
			`x.yaml:3:34: base debian can change; pin it by digest, as debian@sha256:… [unpinned-base]`,
			`x.yaml:3:48: image "based" runs as root; set user: 65532 [root-user]`,
			`x.yaml:4:20: no image holds binary "unused" [unused-binary]`,
		},
	} {
		if diff := cmp.Diff(want, slices.Sorted(slices.Values(lines(mustPlan(t, spec, app("."), request(target)).Warnings)))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", target, diff)
		}
	}
	skipped := mustPlan(t, spec+"checks: {skip: [root-user, unused-binary]}\n", app("."), request("app"))
	if len(skipped.Warnings) > 0 {
		t.Errorf("skipped: %v", skipped.Warnings)
	}
}

// TestSample plans every target of the spec that has every key.
func TestSample(t *testing.T) {
	text, err := os.ReadFile("../spec/testdata/good/sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	modules := []scan.Module{{Dir: ".", Path: "example.com/shop", Go: "1.26", Requires: true}}
	for target, want := range map[string]int{"": 2, "shop": 2, "shop-v3": 2, "shop-debug": 2, "binaries": 2, "dist": 1, "test": 1, "vet": 1, "deps": 2, "own": 2} {
		p := mustPlan(t, string(text), facts(modules, "cmd/shop", "cmd/worker", "cmd/importer"), request(target, "linux/amd64", "linux/arm64"))
		if len(p.Targets) != want {
			t.Errorf("target %q is %d", target, len(p.Targets))
		}
		for _, w := range p.Warnings {
			t.Logf("%s: %v", target, w)
		}
	}
}
