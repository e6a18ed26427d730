package integration

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
)

// privateModule gives the files of a module that no build has met, and so no daemon has in its
// module cache. suffix may be ".git", with which the go command asks no host what it is.
func privateModule(suffix string) (path string, files map[string]string) {
	path = fmt.Sprintf("git.example.test/acme/lib%d%s", time.Now().UnixNano(), suffix)
	return path, map[string]string{
		path + "@v1.0.0/go.mod": "module " + path + "\n\ngo 1.21\n",
		path + "@v1.0.0/lib.go": "// Package lib " + sourceOnly + "\npackage lib\n\nconst Name = \"private\"\n",
	}
}

// sourceOnly is in the files of private modules, and in nothing that is compiled of them.
const sourceOnly = "has a comment"

// privateProject is a program that imports a module. The spec has the lines of go.
func privateProject(t *testing.T, module string, files map[string]string, goLines string) string {
	t.Helper()
	p := serveModules(t, files) // for go.sum
	dir := project(t, map[string]string{
		"Dockerfile": "# syntax=acme/xbuild\ngo:\n" + goLines + "binaries: {tool: .}\n",
		"go.mod":     "module example.com/tool\n\ngo 1.26\n\nrequire " + module + " v1.0.0\n",
		"main.go":    "package main\n\nimport lib \"" + module + "\"\n\nfunc main() { println(lib.Name) }\n",
	})
	p.run(t, dir, "mod", "tidy")
	return dir
}

// secrets gives what a client would by --secret, and the test's CA; what is "" is not given.
func (h *gitHost) secrets(list map[string]string) []session.Attachable {
	m := map[string][]byte{"xbuild-ca": h.ca}
	for id, data := range list {
		m[id] = []byte(data)
		if data == "" {
			delete(m, id)
		}
	}
	return []session.Attachable{secretsprovider.FromMap(m)}
}

// debian serves the toolchain image that has git and ssh, which builds with private modules take.
func debian(t *testing.T, k *localkit.Kit) {
	t.Helper()
	if err := k.PublishDebianToolchain(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestPrivateHTTPS builds with a module of a git host that wants a login.
func TestPrivateHTTPS(t *testing.T) {
	k := kit(t)
	debian(t, k)
	h := newGitHost(t, newAuthority(t), "git.example.test", "s3cr3t-token-of-the-test")
	token, netrc := "    git.example.test/acme: {secret: git-token}\n", "    git.example.test: {netrc: my-netrc}\n"
	for _, c := range []struct {
		name, private string
		user          string // that the host wants
		secrets       map[string]string
		lines         string // of go, further ones
		fails         string // in the log
	}{
		{name: "token", private: token, user: "x-access-token", secrets: map[string]string{"git-token": h.token + "\n"}},
		{name: "user and token", private: token, user: "robot", secrets: map[string]string{"git-token": "robot:" + h.token}},
		{name: "pattern", private: "    '*.example.test': {secret: git-token}\n", secrets: map[string]string{"git-token": h.token}},
		{name: "netrc", private: netrc, user: "robot", secrets: map[string]string{"my-netrc": "machine git.example.test\nlogin robot\npassword " + h.token + "\n"}},
		{name: "GOAUTH off", private: token, secrets: map[string]string{"git-token": h.token}, lines: "  env: {GOAUTH: \"off\"}\n", fails: "401 Unauthorized"},
		{name: "unknown CA", private: token, secrets: map[string]string{"git-token": h.token, "xbuild-ca": ""}, fails: "certificate signed by unknown authority"},
		{name: "GOINSECURE", private: token, secrets: map[string]string{"git-token": h.token, "xbuild-ca": ""},
			lines: "  env: {GOINSECURE: git.example.test, GIT_SSL_NO_VERIFY: \"1\"}\n"}, // which git looks at, not GOINSECURE
		{name: "wrong token", private: token, secrets: map[string]string{"git-token": "wrong"},
			fails: `module MODULE: git.example.test did not take secret "git-token": check that`},
		{name: "netrc of another host", private: netrc, secrets: map[string]string{"my-netrc": "machine example.com login a password b"},
			fails: `module MODULE: git.example.test did not take secret "my-netrc": check that the netrc file has a line for machine git.example.test,`},
		{name: "not declared", private: "    git.example.test/other: {secret: git-token}\n", secrets: map[string]string{"git-token": "wrong"}, lines: "  proxy: direct\n",
			fails: `module MODULE: git.example.test looks private: say in the spec how it is fetched, as go: {private: {git.example.test/acme: {secret: ID}}}, and add --secret id=ID,env=VARIABLE to the build`},
		{name: "no git", private: token, secrets: map[string]string{"git-token": h.token}, lines: "  image: golang:1.26-alpine\n",
			fails: "the toolchain image lacks them; take golang:<version> without -alpine as go.image"},
		{name: "no token", private: token, secrets: map[string]string{"git-token": "two words"},
			fails: `secret "git-token" is not one token, or user:token, without spaces`},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.user = c.user
			module, files := privateModule("")
			h.add(t, files)
			dir := privateProject(t, module, files, c.lines+"  private:\n"+c.private)
			res, err := tryBuild(t, k, request{dir: dir, attrs: h.attrs(), session: h.secrets(c.secrets)})
			c.fails = strings.ReplaceAll(c.fails, "MODULE", module)
			switch {
			case c.fails != "" && (err == nil || !strings.Contains(res.logs, c.fails)):
				t.Errorf("got %v, want %s in\n%s", err, c.fails, res.logs)
			case c.fails == "" && (err != nil || len(res.data["tool"]) == 0):
				t.Errorf("%v: exported were %v\n%s", err, sortedNames(res.data), res.logs)
			}
			if strings.Contains(res.logs, h.token) {
				t.Error("the secret is in the log")
			}
		})
	}
}

// TestMissingSecret names what the client has to add, and nothing has run.
func TestMissingSecret(t *testing.T) {
	k := kit(t)
	debian(t, k)
	const spec = "# syntax=acme/xbuild\ngo:\n  private:\n    github.com/acme: {secret: github-token}\n    git.example.com: {netrc: netrc}\n    git.example.org: {ssh: default}\n    git.example.net: {ssh: work}\n"
	want := []string{
		"Dockerfile:4:5: host github.com/acme needs secret github-token: add --secret id=github-token,env=GITHUB_TOKEN [missing-secret]",
		"Dockerfile:5:5: host git.example.com needs secret netrc: add --secret id=netrc,src=$HOME/.netrc [missing-secret]",
		"Dockerfile:6:5: host git.example.org needs an SSH agent: add --ssh default [missing-secret]",
		"Dockerfile:7:5: host git.example.net needs SSH agent work: add --ssh work=$SSH_AUTH_SOCK [missing-secret]",
	}
	dir := project(t, with(tiny, map[string]string{"Dockerfile": spec, "go.mod": module + "require rsc.io/sampler v1.3.0\n"}))
	for _, session := range [][]session.Attachable{nil, {secretsprovider.FromMap(nil)}} {
		res, err := tryBuild(t, k, request{dir: dir, session: session})
		if err == nil || !strings.Contains(err.Error(), strings.Join(want, "\n")) {
			t.Fatalf("got %v", err)
		}
		checkSources(t, err, []int32{4, 5, 6, 7})
		if ran := res.ran(); slices.ContainsFunc(ran, func(name string) bool { return strings.HasPrefix(name, "[source]") }) {
			t.Errorf("ran %v", ran)
		}
	}
	t.Run("vendored", func(t *testing.T) {
		module, files := privateModule("")
		p := serveModules(t, files)
		dir := privateProject(t, module, files, "  private:\n    git.example.test: {secret: git-token}\n")
		p.run(t, dir, "mod", "vendor")
		build(t, k, request{dir: dir})
		write(t, filepath.Join(dir, "Dockerfile"), "# syntax=acme/xbuild\ngo:\n  private:\n    git.example.test: {secret: git-token}\nbuild: {flags: [-mod=mod]}\n")
		if _, err := tryBuild(t, k, request{dir: dir}); err == nil || !strings.Contains(err.Error(), "Dockerfile:4:5: host git.example.test needs secret git-token: add --secret id=git-token,env=GIT_TOKEN [missing-secret]") {
			t.Errorf("with -mod=mod: %v", err)
		}
	})
}
