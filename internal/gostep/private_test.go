package gostep

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestSetup has the files that the go command, git and ssh read.
func TestSetup(t *testing.T) {
	home, src := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("GOPROXY", "https://goproxy.corp.test:8080/go,direct")
	put := func(name, data string) string {
		file := filepath.Join(src, name)
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	put("go.sum", "git.corp.test/x v1.0.0 h1:x\ngithub.com/x/y v1.0.0 h1:x\n")
	token, pair, own := put("secret-t", " token\r\n"), put("secret-p", "robot:pass:word\n"), put("secret-n", "machine a.test login b password c")
	p := private{
		tokens: list{"github.com/acme=" + token, "*.corp.test=" + pair, "proxy.test:3000=" + pair},
		netrcs: list{"a.test=" + own},
		agents: list{"ssh.test:2222/a/b=/agent-x"},
	}
	env, err := p.setup(src)
	if err != nil {
		t.Fatal(err)
	}
	wantEnv := []string{"GIT_SSH_COMMAND=ssh -F " + home + "/ssh_config", "NETRC=" + home + "/.netrc", "GIT_TERMINAL_PROMPT=0"}
	if !slices.Equal(env, wantEnv) {
		t.Errorf("environment %q, want %q", env, wantEnv)
	}
	for name, want := range map[string]string{
		".netrc": `machine github.com login x-access-token password token
machine github.com/acme login x-access-token password token
machine git.corp.test login robot password pass:word
machine goproxy.corp.test login robot password pass:word
machine proxy.test login robot password pass:word
machine proxy.test:3000 login robot password pass:word
machine a.test login b password c
`,
		".gitconfig": `[http "https://github.com/acme"]
	extraHeader = Authorization: Basic eC1hY2Nlc3MtdG9rZW46dG9rZW4=
[url "https://proxy.test:3000/"]
	insteadOf = https://proxy.test/
[url "ssh://git@ssh.test:2222/a/b/"]
	insteadOf = https://ssh.test/a/b/
[url "ssh://git@ssh.test:2222/a/b"]
	insteadOf = https://ssh.test/a/b
`,
		"ssh_config": `Host ssh.test
	IdentityAgent /agent-x
Host *
	BatchMode yes
	ControlMaster no
	StrictHostKeyChecking accept-new
	UserKnownHostsFile ` + home + `/known_hosts
`,
	} {
		got, err := os.ReadFile(filepath.Join(home, name))
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%swant\n%s", name, err, got, want)
		}
		if info, err := os.Stat(filepath.Join(home, name)); err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %o", name, info.Mode().Perm())
		}
	}

	for _, bad := range []string{"", " \n", "a b", ":x", "x:", "machine a.test\nlogin b"} {
		put("secret-t", bad)
		if _, err := (&private{tokens: list{"a.test=" + token}}).setup(src); err == nil || !strings.Contains(err.Error(), `secret "t" is not one token`) || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
	if env, err := (&private{ca: filepath.Join(src, "secret-ca")}).setup(src); len(env) > 0 || err != nil {
		t.Errorf("without private hosts: %v, %v", env, err)
	}
}

func TestTrust(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	bundle, ca := filepath.Join(home, "system.pem"), filepath.Join(home, "secret-ca")
	t.Setenv("SSL_CERT_FILE", bundle)
	const cert = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	for file, data := range map[string]string{bundle: "system\n", ca: cert} {
		if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env, err := (&private{ca: ca}).setup(home)
	if err != nil || !slices.Equal(env, []string{"SSL_CERT_FILE=" + home + "/ca.pem", "GIT_SSL_CAINFO=" + home + "/ca.pem"}) {
		t.Errorf("%v, %v", env, err)
	}
	if got, err := os.ReadFile(filepath.Join(home, "ca.pem")); err != nil || string(got) != "system\n\n"+cert {
		t.Errorf("%s %v", got, err)
	}
	if err := os.WriteFile(ca, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&private{ca: ca}).setup(home); err == nil || err.Error() != `secret "ca" holds no certificate in PEM form` {
		t.Errorf("%v", err)
	}
}

// TestExplain has what go, git and ssh said, each from a run of the real ones, and what is made of it.
func TestExplain(t *testing.T) {
	p := private{
		tokens: list{"github.com/acme=/secret-gh", "proxy.test:3000=/secret-px", "*.corp.test=/secret-corp"},
		netrcs: list{"netrc.test=/secret-rc"},
		agents: list{"ssh.test=/agent-default"},
	}
	for _, c := range []struct{ name, said, pkg, want string }{
		{"nothing to do with it", "go: errors parsing go.mod:\ngo.mod:3: unknown directive: requir", "", ""},
		{"public and not there", "go: github.com/nobody/x@v1.0.0: reading https://proxy.golang.org/github.com/nobody/x/@v/v1.0.0.mod: 404 Not Found", "", ""},
		{"no network", `go: github.com/acme/x@v1.0.0: Get "https://github.com/acme/x": dial tcp: lookup github.com: no such host`, "", ""},
		{"git asks for a user", "go: github.com/acme/x@v1.0.0: invalid version: git ls-remote -q --end-of-options https://github.com/acme/x in /xbuild/mod/cache/vcs/1: exit status 128:\n" +
			"\tfatal: could not read Username for 'https://github.com': terminal prompts disabled\nConfirm the import path was entered correctly.", "",
			`module github.com/acme/x: github.com did not take secret "gh": check`},
		{"git hides the repository", "go: github.com/acme/x@v1.0.0: git fetch: exit status 128:\n\tremote: Repository not found.\n\tfatal: repository 'https://github.com/acme/x/' not found", "",
			`module github.com/acme/x: github.com did not take secret "gh": check`},
		{"another owner", "go: github.com/other/x@v1.0.0: exit status 128:\n\tfatal: could not read Username for 'https://github.com': terminal prompts disabled", "",
			"module github.com/other/x: github.com looks private: say in the spec how it is fetched, as go: {private: {github.com/other: {secret: ID}}}"},
		{"the public proxy could not", "go: github.com/other/x@v1.0.0: reading https://proxy.golang.org/github.com/other/x/@v/v1.0.0.mod: 404 Not Found\n\tserver response: not found: github.com/other/x@v1.0.0: invalid version: git ls-remote -q origin in /tmp/gopath/pkg/mod/cache/vcs/1: exit status 128:\n\t\tfatal: could not read Username for 'https://github.com': terminal prompts disabled", "",
			"module github.com/other/x: github.com looks private: "},
		{"a private proxy", "go: private.test/x@v1.0.0: reading https://proxy.test:3000/private.test/x/@v/v1.0.0.mod: 401 Unauthorized", "",
			`module private.test/x: proxy.test:3000 did not take secret "px": check`},
		{"a pattern", "go: git.corp.test/x@v1.0.0: reading https://git.corp.test/x?go-get=1: 403 Forbidden", "",
			`module git.corp.test/x: git.corp.test did not take secret "corp": check`},
		{"netrc", `unrecognized import path "netrc.test/x": reading https://netrc.test/x?go-get=1: 401 Unauthorized`, "netrc.test/x",
			`module netrc.test/x: netrc.test did not take secret "rc": check that the netrc file has a line for machine netrc.test, `},
		{"ssh", "no secure protocol found for repository\ngit@ssh.test: Permission denied (publickey).\nfatal: Could not read from remote repository.", "ssh.test/x.git",
			`module ssh.test/x.git: ssh.test did not take a key of SSH agent "default": check`},
		{"ssh, the host's key", "no secure protocol found for repository\nNo ED25519 host key is known for ssh.test and you have requested strict checking.\nHost key verification failed.", "ssh.test/x.git",
			`module ssh.test/x.git: the SSH key of ssh.test is not the one that the toolchain image knows`},
		{"no git", `go: github.com/acme/x@v1.0.0: git init --bare in /xbuild/mod/cache/vcs/1: exec: "git": executable file not found in $PATH`, "", "a module is fetched from its repository, which takes git and ssh"},
	} {
		if got := p.explain(c.said, c.pkg); c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
