package plan_test

import (
	"strings"
	"testing"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
)

// TestPrivate has which steps log in, what the go command takes for private, and the toolchain, which has
// git where a repository is asked.
func TestPrivate(t *testing.T) {
	for _, c := range []struct {
		name, goYAML string
		module       scan.Module // beyond what requires others
		prefixes     string      // of the deps step
		private      string      // GOPRIVATE
		git          bool
	}{
		{name: "none", goYAML: "{env: {X: y}}"},
		{name: "sorted", goYAML: "{private: {git.b.test: {ssh: default}, git.a.test/x: {secret: t}}}", prefixes: "git.a.test/x git.b.test", private: "git.a.test/x,git.b.test", git: true},
		{name: "joined", goYAML: "{env: {GOPRIVATE: '*.corp.test'}, private: {git.a.test: {secret: t}}}", prefixes: "git.a.test", private: "*.corp.test,git.a.test", git: true},
		{name: "port", goYAML: "{private: {'git.a.test:2222/x': {ssh: default}}}", prefixes: "git.a.test:2222/x", private: "git.a.test/x", git: true},
		{name: "proxy", goYAML: "{proxy: 'https://p.test:1/go,direct', private: {'p.test:1': {netrc: n}}}", prefixes: "p.test:1"},
		{name: "proxy and host", goYAML: "{proxy: 'https://p.test', private: {p.test: {netrc: n}, git.a.test: {secret: t}}}", prefixes: "git.a.test p.test", private: "git.a.test", git: true},
		{name: "all from a proxy", goYAML: "{proxy: 'https://p.test', env: {GONOPROXY: none}, private: {p.test: {netrc: n}, git.a.test: {secret: t}}}", prefixes: "git.a.test p.test", private: "git.a.test"},
		{name: "vendored", goYAML: "{private: {git.a.test: {secret: t}}}", module: scan.Module{Vendor: true}},
	} {
		m := c.module
		m.Dir, m.Path, m.Go, m.Requires = ".", "example.com/app", "1.26", true
		p := mustPlan(t, "go: "+c.goYAML, facts([]scan.Module{m}, "."), request("binaries", "linux/amd64"))
		deps := steps[plan.Deps](p)[0]
		var prefixes []string
		for _, h := range deps.Private {
			prefixes = append(prefixes, h.Prefix)
		}
		if got := strings.Join(prefixes, " "); got != c.prefixes || len(p.Private()) != len(prefixes) {
			t.Errorf("%s: logs in to %s, the plan to %v", c.name, got, p.Private())
		}
		if got, _ := env(deps.Env, "GOPRIVATE"); got != c.private {
			t.Errorf("%s: GOPRIVATE=%s", c.name, got)
		}
		if got := !strings.HasSuffix(p.Toolchain.Image, "-alpine"); got != c.git {
			t.Errorf("%s: toolchain %s", c.name, p.Toolchain.Image)
		}
		if got, ok := env(steps[plan.Compile](p)[0].Env, "GOPRIVATE"); ok {
			t.Errorf("%s: compile has GOPRIVATE=%s", c.name, got)
		}
	}
}
