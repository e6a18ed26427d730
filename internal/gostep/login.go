package gostep

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// setup writes what the go command, git and ssh read of p to the home directory, which no
// result of a step holds, and gives the environment that they need. src has the go.mod and
// go.sum files.
func (p *private) setup(src string) ([]string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, err
	}
	env, err := p.trust(home)
	if err != nil || len(p.tokens)+len(p.netrcs)+len(p.agents) == 0 {
		return env, err
	}
	hosts := append(hostsOf(src), proxyHosts()...)
	var netrc, git strings.Builder
	for _, w := range ways(p.tokens) {
		login, err := readToken(w)
		if err != nil {
			return nil, err
		}
		for _, w := range w.on(hosts) {
			w.addToken(&netrc, &git, login)
		}
	}
	for _, w := range ways(p.netrcs) {
		data, err := os.ReadFile(w.file)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&netrc, "%s\n", data)
		for _, w := range w.on(hosts) {
			w.addPort(&git)
		}
	}
	files := map[string]string{}
	if len(p.agents) > 0 {
		var ssh strings.Builder
		for _, w := range ways(p.agents) {
			fmt.Fprintf(&ssh, "Host %s\n\tIdentityAgent %s\n", w.host, w.file)
			for _, w := range w.on(hosts) {
				w.rewrite(&git, "ssh://git@"+w.host+w.port)
			}
		}
		// A host that the toolchain image knows must have the key that it says.
		fmt.Fprintf(&ssh, "Host *\n\tBatchMode yes\n\tControlMaster no\n\tStrictHostKeyChecking accept-new\n\tUserKnownHostsFile %s\n", filepath.Join(home, "known_hosts"))
		files["ssh_config"] = ssh.String()
		if os.Getenv("GIT_SSH_COMMAND")+os.Getenv("GIT_SSH") == "" {
			env = append(env, "GIT_SSH_COMMAND=ssh -F "+filepath.Join(home, "ssh_config"))
		}
	}
	files[".netrc"], files[".gitconfig"] = netrc.String(), git.String()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(home, name), []byte(data), 0o600); err != nil {
			return nil, err
		}
	}
	return append(env, "NETRC="+filepath.Join(home, ".netrc"), "GIT_TERMINAL_PROMPT=0"), nil
}

// defaultLogin is the user of a token alone. GitHub wants this one; most others take any.
const defaultLogin = "x-access-token"

// readToken gives the user and the password of a secret.
func readToken(w way) (login [2]string, err error) {
	data, err := os.ReadFile(w.file)
	if err != nil {
		return login, err
	}
	token := strings.TrimSpace(string(data))
	user, password, ok := strings.Cut(token, ":")
	if !ok {
		user, password = defaultLogin, token
	}
	if user == "" || password == "" || len(strings.Fields(token)) != 1 {
		return login, fmt.Errorf("secret %q is not one token, or user:token, without spaces; a netrc file is declared as {netrc: %s}", w.id(), w.id())
	}
	return [2]string{user, password}, nil
}

// addToken lets the go command and git log in. A netrc file knows hosts only, and of two
// tokens for a host both take the first: git is told by path, too, as is the go command since
// Go 1.24.
func (w way) addToken(netrc, git *strings.Builder, login [2]string) {
	machines := []string{w.host}
	if w.port != "" {
		machines = append(machines, w.host+w.port)
	}
	if w.path != "" {
		machines = append(machines, w.host+w.port+w.path)
		basic := base64.StdEncoding.EncodeToString([]byte(login[0] + ":" + login[1]))
		fmt.Fprintf(git, "[http \"https://%s%s%s\"]\n\textraHeader = Authorization: Basic %s\n", w.host, w.port, w.path, basic)
	}
	for _, m := range machines {
		fmt.Fprintf(netrc, "machine %s login %s password %s\n", m, login[0], login[1])
	}
	w.addPort(git)
}

// addPort tells git the port, which no module path holds.
func (w way) addPort(git *strings.Builder) {
	if w.port != "" {
		w.rewrite(git, "https://"+w.host+w.port)
	}
}

// rewrite makes git use another server for what the go command asks of https://HOST.
func (w way) rewrite(git *strings.Builder, server string) {
	fmt.Fprintf(git, "[url \"%s%s/\"]\n\tinsteadOf = https://%s%s/\n", server, w.path, w.host, w.path)
	if strings.Count(w.path, "/") > 1 { // it may be a whole repository
		fmt.Fprintf(git, "[url \"%s%s\"]\n\tinsteadOf = https://%s%s\n", server, w.path, w.host, w.path)
	}
}
