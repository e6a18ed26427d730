package integration

import (
	"crypto/ed25519"
	"net"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
)

// TestPrivateSSH builds with a module of a git host that is reached by SSH, on a port of its own.
func TestPrivateSSH(t *testing.T) {
	k := kit(t)
	debian(t, k)
	h := newGitHost(t, newAuthority(t), "git.example.test", "nobody-has-it")
	key, signer := sshKey(t)
	port := h.serveSSH(t, signer.PublicKey())
	other, _ := sshKey(t)
	for _, c := range []struct {
		name  string
		key   ed25519.PrivateKey
		fails string
	}{
		{name: "key", key: key},
		{name: "another key", key: other, fails: `module MODULE: git.example.test did not take a key of SSH agent "default": check with ssh-add -l`},
	} {
		t.Run(c.name, func(t *testing.T) {
			module, files := privateModule(".git")
			h.add(t, files)
			dir := privateProject(t, module, files, "  private:\n    git.example.test:"+port+"/acme: {ssh: default}\n")
			agents, err := sshprovider.NewSSHAgentProvider([]sshprovider.AgentConfig{{ID: "default", Paths: []string{sshAgent(t, c.key)}}})
			if err != nil {
				t.Fatal(err)
			}
			res, err := tryBuild(t, k, request{dir: dir, attrs: h.attrs(), session: []session.Attachable{agents}})
			switch {
			case c.fails != "" && (err == nil || !strings.Contains(res.logs, strings.ReplaceAll(c.fails, "MODULE", module))):
				t.Errorf("got %v, want %s in\n%s", err, c.fails, res.logs)
			case c.fails == "" && (err != nil || len(res.data["tool"]) == 0):
				t.Errorf("%v: exported were %v\n%s", err, sortedNames(res.data), res.logs)
			}
		})
	}
}

// TestPrivateProxy builds with a module of a module proxy that wants a login, on a port of its own, and
// with one that is reached through an HTTP proxy alone. Neither toolchain has git.
func TestPrivateProxy(t *testing.T) {
	k := kit(t)
	a := newAuthority(t)
	h := &gitHost{name: "git.example.test", token: "s3cr3t-of-the-proxy", user: "robot", ca: a.pem}
	files := map[string]string{}
	serve := func(t *testing.T, login bool) (module, port string) {
		module, files = privateModule("")
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		handler := serveModules(t, files).Config.Handler
		if login {
			handler = h.login(handler)
		}
		a.serveTLS(t, l, "modules.example.test", handler)
		_, port, _ = net.SplitHostPort(l.Addr().String())
		return module, port
	}
	t.Run("login", func(t *testing.T) {
		module, port := serve(t, true)
		host := "modules.example.test:" + port
		dir := privateProject(t, module, files, "  env: {GONOSUMDB: '*'}\n  proxy: https://"+host+"\n  private:\n    "+host+": {secret: proxy}\n")
		attrs := map[string]string{"target": "binaries", "add-hosts": "modules.example.test=127.0.0.1"}
		res, err := tryBuild(t, k, request{dir: dir, attrs: attrs, session: h.secrets(map[string]string{"proxy": "robot:wrong"})})
		if want := "module " + module + ": " + host + ` did not take secret "proxy"`; err == nil || !strings.Contains(res.logs, want) {
			t.Errorf("got %v, want %s in\n%s", err, want, res.logs)
		}
		build(t, k, request{dir: dir, attrs: attrs, session: h.secrets(map[string]string{"proxy": "robot:" + h.token})})
	})
	t.Run("through a proxy", func(t *testing.T) {
		module, port := serve(t, false)
		way := &connectProxy{to: "127.0.0.1:" + port}
		through := httptest.NewServer(way)
		t.Cleanup(through.Close)
		dir := privateProject(t, module, files, "  env: {GONOSUMDB: '*'}\n  proxy: https://modules.example.test\n")
		attrs := map[string]string{"target": "binaries", "build-arg:HTTPS_PROXY": through.URL}
		res, err := tryBuild(t, k, request{dir: dir, attrs: attrs})
		if want := "certificate signed by unknown authority"; err == nil || !strings.Contains(res.logs, want) {
			t.Errorf("without the CA: %v, want %s in\n%s", err, want, res.logs)
		}
		build(t, k, request{dir: dir, attrs: attrs, session: h.secrets(nil)})
		if asked := way.asked(); !slices.Equal(asked, []string{"modules.example.test:443"}) {
			t.Errorf("the proxy was asked for %v", asked)
		}
		res = build(t, k, request{dir: dir, attrs: map[string]string{"target": "binaries", "build-arg:https_proxy": "http://127.0.0.1:1"}})
		if ran := res.ran(); slices.ContainsFunc(ran, isShared) {
			t.Errorf("with another proxy, or no CA: ran %v", ran)
		}
	})
}

// TestPrivateBuildx gives secrets and agents as people do: with the flags that the error names.
func TestPrivateBuildx(t *testing.T) {
	k := kit(t)
	debian(t, k)
	h := newGitHost(t, newAuthority(t), "git.example.test", "s3cr3t-of-buildx")
	key, signer := sshKey(t)
	port := h.serveSSH(t, signer.PublicKey())
	for _, c := range []struct{ name, suffix, private string }{
		{"secret", "", "git.example.test/acme: {secret: git-token}"},
		{"agent", ".git", "git.example.test:" + port + "/acme: {ssh: default}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			module, files := privateModule(c.suffix)
			h.add(t, files)
			dir := privateProject(t, module, files, "  private:\n    "+c.private+"\n")
			ca := filepath.Join(project(t, map[string]string{"ca.pem": string(h.ca)}), "ca.pem")
			args := []string{"build", "--target=binaries", "--output=type=local,dest=" + t.TempDir(), "--add-host=" + h.name + "=" + h.ip, "--secret=id=xbuild-ca,src=" + ca, dir}
			run := func(more ...string) (string, error) {
				cmd := k.Buildx(t.Context(), append(args, more...)...)
				cmd.Env = append(cmd.Env, "GIT_TOKEN="+h.token, "SSH_AUTH_SOCK="+sshAgent(t, key))
				said, err := cmd.CombinedOutput()
				return string(said), err
			}
			said, err := run()
			flags := regexp.MustCompile(`: add (--\S+) (\S+) \[missing-secret\]`).FindStringSubmatch(said)
			if err == nil || flags == nil {
				t.Fatalf("got %v\n%s", err, said)
			}
			if said, err := run(flags[1:]...); err != nil {
				t.Errorf("with %v: %v\n%s", flags[1:], err, said)
			}
		})
	}
}
