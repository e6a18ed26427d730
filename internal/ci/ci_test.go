package ci

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"go.yaml.in/yaml/v4"
)

var amd64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// planOf plans a target of a module with two programs.
func planOf(t testing.TB, text, target string, form int) *plan.Plan {
	t.Helper()
	s, err := spec.Parse("xbuild.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	facts := &scan.Facts{
		Modules: []scan.Module{{Dir: ".", Path: "example.com/shop", Go: "1.26"}},
		Mains:   []scan.Main{{Dir: "cmd/shop", Module: "."}, {Dir: "cmd/worker", Module: "."}},
		Embeds:  []string{"cmd/shop/page.md"},
	}
	req := plan.Request{Target: target, Platforms: []ocispecs.Platform{amd64, {OS: "windows", Architecture: "amd64"}}, BuildPlatform: amd64}
	if target == plan.TargetTest {
		req.Platforms = nil
	}
	req.Version, req.Revision, req.Source = Placeholders(form)
	p, err := plan.New(s, facts, req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func project(t testing.TB, text string) *Project {
	t.Helper()
	return &Project{
		Spec: "xbuild.yaml", Context: ".", File: ".github/workflows/build.yml", Bake: "docker-bake.json", Branch: "main",
		Plans: []*plan.Plan{planOf(t, text, plan.TargetBinaries, 0)}, Cache: "ghcr.io/acme/shop:cache", Registry: "ghcr.io/acme", Parallel: 4,
	}
}

func onHost(t testing.TB, text string) *Project {
	t.Helper()
	p := project(t, text)
	p.Host = &Host{Build: planOf(t, text, plan.TargetBinaries, 0), Again: planOf(t, text, plan.TargetBinaries, 1), Test: planOf(t, text, plan.TargetTest, 0)}
	return p
}

// decode reads a pipeline.
func decode(t testing.TB, data []byte, err error) map[string]any {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := yaml.Load(data, &out); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return out
}

// at follows keys and indices into data, nil where there is nothing.
func at(data any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := data.(map[string]any)
			data = m[p]
		case int:
			l, _ := data.([]any)
			if p >= len(l) {
				return nil
			}
			data = l[p]
		}
	}
	return data
}

// scripts are the commands of a job, of either forge.
func scripts(job any) (out string) {
	steps, _ := at(job, "steps").([]any)
	for _, s := range steps {
		if run, ok := at(s, "run").(string); ok {
			out += run + "\n"
		}
	}
	lines, _ := at(job, "script").([]any)
	for _, l := range lines {
		out += l.(string) + "\n"
	}
	return out
}

// TestWhoWrites holds that only jobs that no pull request reaches can write caches or push.
func TestWhoWrites(t *testing.T) {
	split := project(t, "")
	split.Split = []Image{{"shop", []string{"linux-amd64", "linux-arm64"}}, {"worker", []string{"linux-amd64"}}}
	for name, p := range map[string]*Project{"one job": project(t, ""), "split": split} {
		data, err := GitHub(p)
		github := decode(t, data, err)
		jobs := github["jobs"].(map[string]any)
		for job, def := range jobs {
			condition, write := at(def, "if"), at(def, "permissions", "packages") == "write"
			pr := condition == "github.event_name == 'pull_request'"
			if pr == write || pr && at(def, "env", "CACHE_EXPORT") != "false" || pr && strings.Contains(scripts(def), "--push") {
				t.Errorf("%s: %s: %v may write: %v", name, job, condition, write)
			}
			if !pr && condition != "github.event_name != 'pull_request'" && condition != "github.ref_type == 'tag'" {
				t.Errorf("%s: %s runs when %v", name, job, condition)
			}
		}
		if len(jobs) < 2 || at(github, "permissions", "contents") != "read" || at(github, "permissions", "packages") != nil {
			t.Errorf("%s: %d jobs, permissions %v", name, len(jobs), github["permissions"])
		}
		data, err = GitLab(p)
		gitlab := decode(t, data, err)
		if at(gitlab, "check", "variables", "CACHE_EXPORT") != "false" || strings.Contains(scripts(gitlab["check"]), "--push") {
			t.Errorf("%s: merge requests write caches: %v", name, gitlab["check"])
		}
		for _, job := range []string{"test", "build", "release"} {
			rules, _ := at(gitlab, job, "rules").([]any)
			for _, r := range rules {
				if at(r, "if") == onMerge {
					t.Errorf("%s: %s runs for merge requests", name, job)
				}
			}
		}
		if pushed := scripts(gitlab["build"]) + scripts(gitlab["release"]); !strings.Contains(pushed, "--push") {
			t.Errorf("%s: nothing is pushed: %s", name, pushed)
		}
	}
}

// TestPaths holds which changes are relevant.
func TestPaths(t *testing.T) {
	p := project(t, "")
	p.Context = "app"
	p.Spec = "app/docs/my [spec].yaml"
	want := []string{"**", "!**/*.md", "!docs/**", "!LICENSE*", "!**/.gitignore", "**/testdata/**", "**/*.go", "**/*.h", "**/*.s", "**/*.syso",
		"app/cmd/shop/page.md", "app/cmd/shop/page.md/**", "app/docs/my *spec*.yaml", "docker-bake.json", ".github/workflows/build.yml"}
	if diff := cmp.Diff(want, p.githubPaths()); diff != "" {
		t.Error(diff)
	}
	got := p.gitlabPaths()
	for _, w := range []string{"**/go.mod", "**/testdata/**/*", "app/go.work", "app/cmd/shop/page.md", "app/docs/my ?spec?.yaml"} {
		if !slices.Contains(got, w) {
			t.Errorf("%s is not in %q", w, got)
		}
	}
	if !strings.Contains(got[0], ",go,") || slices.Contains(got, "**/*.md") {
		t.Errorf("GitLab's are %q", got)
	}
	all := project(t, "")
	all.Plans = append(all.Plans, &plan.Plan{Steps: []plan.Step{plan.Context{}}})
	if all.githubPaths() != nil || all.gitlabPaths() != nil {
		t.Error("something is left out of a project that takes everything")
	}
	many := project(t, "")
	many.Plans = []*plan.Plan{{Steps: []plan.Step{plan.Context{Include: slices.Collect(func(yield func(string) bool) {
		for c := 'a'; c <= 'z' && yield(string(c)); c++ {
		}
	})}}}}
	if got := many.gitlabPaths(); got != nil {
		t.Errorf("%d patterns, more than GitLab takes", len(got))
	}
}

// TestHost runs the script of a build without containers, with a go command that says how it was called.
func TestHost(t *testing.T) {
	const text = "build: {ldflags: ['-X main.v={{.Version}}', \"-X 'main.r=a $x {{.Revision}} {{.ShortRevision}}b'\"]}\nbinaries:\n  shop: {main: ./cmd/shop, goamd64: v2}\n  worker: ./cmd/worker\n"
	script, err := onHost(t, text).Host.script()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	fake := "#!/bin/sh\nprintf '%s' \"$GOOS $GOARCH $GOAMD64 $CGO_ENABLED\"\nfor a; do printf ' [%s]' \"$a\"; done\necho\n"
	writeProgram(t, filepath.Join(bin, "go"), fake)
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"PATH=" + bin + ":/usr/bin:/bin", "PLATFORM=windows-amd64", "VERSION=", "REVISION=0123456789abcdef", "SOURCE=s"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	flags := " [build] [-trimpath] [-buildvcs=false] [-ldflags=-s -w -X main.v=0123456789ab -X 'main.r=a $x 0123456789abcdef 0123456789abb'] [-o] "
	want := "windows amd64 v2 0" + flags + "[" + cmd.Dir + "/dist/shop-windows-amd64.exe] [./cmd/shop]\n" +
		"windows amd64 v1 0" + flags + "[" + cmd.Dir + "/dist/worker-windows-amd64.exe] [./cmd/worker]\n"
	if diff := cmp.Diff(want, string(out)); diff != "" {
		t.Errorf("%s\n%s", diff, script)
	}
	cmd = exec.Command("sh", "-ec", script)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "PLATFORM=plan9-amd64"}
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "no such platform: plan9-amd64") {
		t.Errorf("an unknown platform: %v %s", err, out)
	}
}

// TestRefused holds what a pipeline can't say.
func TestRefused(t *testing.T) {
	with := func(p *Project, change func(*Project)) *Project {
		change(p)
		return p
	}
	for _, tt := range []struct {
		name, want string
		project    *Project
	}{
		{"cgo", "build with containers", onHost(t, "binaries:\n  shop: {main: ./cmd/shop, cgo: {cc: mycc}}\ngo: {image: 'example.com/go:1'}\n")},
		{"a template that takes a version apart", "takes a version", onHost(t, "build: {ldflags: ['-X main.v={{slice .Version 1}}']}\n")},
		{"a length", "takes a version", onHost(t, "build: {ldflags: ['-X main.v={{len .Revision}}']}\n")},
		{"logins", "has no logins", with(onHost(t, ""), func(p *Project) { p.Secrets = []string{"TOKEN"} })},
		{"a control character", "control character", with(project(t, ""), func(p *Project) { p.Bake = "a\nb" })},
		{"another place", "at its root", with(project(t, ""), func(p *Project) { p.Context = "../x" })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for forge, write := range map[string]func(*Project) ([]byte, error){"GitHub": GitHub, "GitLab": GitLab} {
				if _, err := write(tt.project); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: error is %v, want %q", forge, err, tt.want)
				}
			}
		})
	}
}

// jobKeys are what a job of GitLab may have, of what is used here.
// https://docs.gitlab.com/ci/yaml/#job-keywords
var jobKeys = []string{"artifacts", "before_script", "cache", "extends", "parallel", "rules", "script", "stage", "variables"}

// TestGitLab holds the structure of pipelines: every job has known keys, a stage that is there and,
// by itself or what it extends, a script.
func TestGitLab(t *testing.T) {
	split := project(t, "")
	split.Split = []Image{{"shop", []string{"linux-amd64"}}}
	cold := project(t, "")
	cold.Cache, cold.Registry = "", ""
	agent := project(t, "")
	agent.SSH = []string{"default"}
	for name, p := range map[string]*Project{"one job": project(t, ""), "split": split, "host": onHost(t, ""), "cold": cold, "agent": agent} {
		data, err := GitLab(p)
		root := decode(t, data, err)
		stages, _ := root["stages"].([]any)
		jobs := 0
		for job, def := range root {
			if slices.Contains([]string{"workflow", "stages", "default", "variables"}, job) {
				continue
			}
			jobs++
			for key := range def.(map[string]any) {
				if !slices.Contains(jobKeys, key) {
					t.Errorf("%s: %s has %s", name, job, key)
				}
			}
			whole := def
			if base, ok := at(def, "extends").(string); ok {
				whole = root[base]
			}
			if !slices.Contains(stages, at(whole, "stage")) || at(whole, "script", 0) == nil {
				t.Errorf("%s: %s is no job: %v", name, job, def)
			}
			if !strings.HasPrefix(job, ".") && at(def, "rules", 0, "if") == nil {
				t.Errorf("%s: %s runs always", name, job)
			}
			for i := 0; at(whole, "script", i) != nil; i++ {
				if out, err := exec.Command("sh", "-n", "-c", at(whole, "script", i).(string)).CombinedOutput(); err != nil {
					t.Errorf("%s: %s: %v %s", name, job, err, out)
				}
			}
		}
		if jobs < 3 || len(stages) < 2 {
			t.Errorf("%s: %d jobs, stages %v", name, jobs, stages)
		}
	}
}
