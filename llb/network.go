package llb

import (
	"slices"

	"github.com/acme/xbuild/plan"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
)

// CASecret is the id of a secret with CA certificates that steps which download trust besides
// the system's, when the client gives it.
const CASecret = "xbuild-ca"

// Files of secrets and sockets of agents are here, as KIND-ID: gostep names the ID to people.
const (
	secretPrefix = "/run/xbuild/secret-"
	agentPrefix  = "/run/xbuild/agent-"
)

// network gives the options of a step that downloads modules, to gostep and to BuildKit: the
// client's proxies and CA, and the logins of private hosts. Of a secret only its id is in
// the definition and in the key of the step.
func (e *emitter) network(hosts []plan.PrivateHost) (args []string, opts []bk.RunOption) {
	var secrets, agents []string
	for _, h := range hosts {
		switch {
		case h.SSH != "":
			args = append(args, "-ssh", h.Prefix+"="+agentPrefix+h.SSH)
			agents = append(agents, h.SSH)
		case h.Netrc != "":
			args = append(args, "-netrc", h.Prefix+"="+secretPrefix+h.Netrc)
			secrets = append(secrets, h.Netrc)
		default:
			args = append(args, "-token", h.Prefix+"="+secretPrefix+h.Secret)
			secrets = append(secrets, h.Secret)
		}
	}
	for _, id := range unique(secrets) {
		opts = append(opts, bk.AddSecret(secretPrefix+id, bk.SecretID(id)))
	}
	for _, id := range unique(agents) {
		opts = append(opts, bk.AddSSHSocket(bk.SSHID(id), bk.SSHSocketTarget(agentPrefix+id)))
	}
	if !slices.Contains(secrets, CASecret) {
		opts = append(opts, bk.AddSecret(secretPrefix+CASecret, bk.SecretID(CASecret), bk.SecretOptional))
	}
	if e.opt.Network != pb.NetMode_UNSET {
		opts = append(opts, bk.Network(e.opt.Network))
	}
	if e.opt.Proxy != nil {
		opts = append(opts, bk.WithProxy(*e.opt.Proxy))
	}
	return append(args, "-ca", secretPrefix+CASecret), opts
}

func unique(list []string) []string { return slices.Compact(slices.Sorted(slices.Values(list))) }
