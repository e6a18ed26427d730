package dockerfile

import (
	"fmt"
	"strings"

	"github.com/acme/xbuild/plan"
)

// defaultLogin is the user of a token alone. GitHub wants this one; most others take any.
const defaultLogin = "x-access-token"

// login gives the mounts of a step that fetches private modules, and the commands that let go and
// git find the logins. They are in a home directory that no layer holds.
func (e *emitter) login(hosts []plan.PrivateHost) (options, commands []string) {
	if len(hosts) == 0 {
		return nil, nil
	}
	options = []string{"--mount=type=tmpfs,target=/run/home"}
	commands = []string{"export HOME=/run/home GIT_TERMINAL_PROMPT=0"}
	seen := map[string]bool{}
	mount := func(option string) {
		if !seen[option] {
			options = append(options, option)
		}
		seen[option] = true
	}
	for _, h := range hosts {
		host, _, _ := strings.Cut(h.Prefix, "/")
		name, _, port := strings.Cut(host, ":")
		switch {
		case strings.Contains(host, "*") && h.Netrc == "":
			e.unsaid(h.Pos, "a Dockerfile's login is for one host, and %s stands for several", h.Prefix)
		case port:
			e.unsaid(h.Pos, "a Dockerfile's login is for the usual port of %s", name)
		case h.SSH != "":
			mount("--mount=type=ssh,id=" + e.word(h.Pos, h.SSH) + ",required=true")
			commands = append(commands,
				`export GIT_SSH_COMMAND="ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new"`,
				"git config --global "+e.sh(h.Pos, "url.ssh://git@"+h.Prefix+".insteadOf")+" "+e.sh(h.Pos, "https://"+h.Prefix))
		case h.Netrc != "":
			mount(secretMount(e.word(h.Pos, h.Netrc)))
			commands = append(commands, "cat "+e.sh(h.Pos, "/run/secrets/"+h.Netrc)+" >> ~/.netrc")
		default:
			mount(secretMount(e.word(h.Pos, h.Secret)))
			file := e.sh(h.Pos, "/run/secrets/"+h.Secret)
			commands = append(commands, fmt.Sprintf(`printf 'machine %%s login %s password %%s\n' %s "$(cat %s)" >> ~/.netrc`, defaultLogin, e.sh(h.Pos, name), file))
		}
	}
	return options, commands
}

func secretMount(id string) string { return "--mount=type=secret,id=" + id + ",required=true" }
