package frontend

import (
	"context"
	"fmt"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	gatewaypb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
)

// missingSecrets reports every host whose secret or SSH agent the client does not give. It
// runs nothing: a container is made ready with them, and not started. Unlike the result of a
// step, that is in no cache, where the answer to another client might be. A builder that
// can't leaves it to the step that downloads. A request that asks about the spec instead of
// building it needs none.
func (f *frontend) missingSecrets(ctx context.Context, hosts []plan.PrivateHost) error {
	caps := f.BuildOpts().Caps
	if _, ok := f.BuildOpts().Opts["requestid"]; ok || caps.Supports(gatewaypb.CapGatewayExec) != nil {
		return nil
	}
	var missing diag.List
	for _, h := range hosts {
		m := client.Mount{Dest: "/run/xbuild", MountType: pb.MountType_SECRET, SecretOpt: &pb.SecretOpt{ID: secretID(h), Mode: 0o400}}
		if h.SSH != "" {
			m.MountType, m.SecretOpt, m.SSHOpt = pb.MountType_SSH, nil, &pb.SSHOpt{ID: h.SSH, Mode: 0o600}
		}
		ctr, err := f.gw.NewContainer(ctx, client.NewContainerRequest{Mounts: []client.Mount{{Dest: "/", MountType: pb.MountType_BIND}, m}})
		if err == nil {
			err = ctr.Release(ctx)
		}
		switch {
		case isMissing(err, h):
			missing = append(missing, missingSecret(h))
		case err != nil:
			return fmt.Errorf("secret of %s: %w", h.Prefix, err)
		}
	}
	return missing.Err()
}

func secretID(h plan.PrivateHost) string { return h.Secret + h.Netrc }

// isMissing reports whether err says that the client does not give what h names. BuildKit
// has no type for it.
func isMissing(err error, h plan.PrivateHost) bool {
	if err == nil {
		return false
	}
	if h.SSH != "" { // the client forwards no agent, or others
		return strings.Contains(err.Error(), fmt.Sprintf("no SSH key %q forwarded", h.SSH)) || strings.Contains(err.Error(), "unset ssh forward key "+h.SSH)
	}
	return strings.Contains(err.Error(), "secret "+secretID(h)+": not found")
}

// missingSecret names the host, the place in the spec and the flag to add.
func missingSecret(h plan.PrivateHost) *diag.Error {
	e := &diag.Error{Pos: h.Pos, Rule: "missing-secret"}
	switch {
	case h.SSH == "default":
		e.Msg = fmt.Sprintf("host %s needs an SSH agent: add --ssh default", h.Prefix)
	case h.SSH != "":
		e.Msg = fmt.Sprintf("host %s needs SSH agent %s: add --ssh %s=$SSH_AUTH_SOCK", h.Prefix, h.SSH, h.SSH)
	case h.Netrc != "":
		e.Msg = fmt.Sprintf("host %s needs secret %s: add --secret id=%s,src=$HOME/.netrc", h.Prefix, h.Netrc, h.Netrc)
	default:
		variable := strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(h.Secret))
		e.Msg = fmt.Sprintf("host %s needs secret %s: add --secret id=%s,env=%s", h.Prefix, h.Secret, h.Secret, variable)
	}
	return e
}

// vendors reports whether the build context may hold all modules, so that no secret is
// needed. It reads files of the context and runs nothing.
func (f *frontend) vendors(ctx context.Context) bool {
	st, err := f.context(ctx, "vendor")([]string{"**/vendor/modules.txt"}, nil)
	if err != nil {
		return false
	}
	def, err := st.Marshal(ctx, bk.WithCaps(f.BuildOpts().LLBCaps))
	if err != nil {
		return false
	}
	ref, err := f.solveDefinition(ctx, def)
	if err != nil {
		return false
	}
	entries, err := ref.ReadDir(ctx, client.ReadDirRequest{Path: "/"})
	return err == nil && len(entries) > 0
}

// proxyEnv gives the proxies that the client names in build args, as it does for a Dockerfile.
func proxyEnv(args map[string]string) *bk.ProxyEnv {
	var p bk.ProxyEnv
	for name, field := range map[string]*string{
		"http_proxy": &p.HTTPProxy, "https_proxy": &p.HTTPSProxy, "ftp_proxy": &p.FTPProxy, "no_proxy": &p.NoProxy, "all_proxy": &p.AllProxy,
	} {
		*field = args[strings.ToUpper(name)]
		if v, ok := args[name]; ok {
			*field = v
		}
	}
	if p == (bk.ProxyEnv{}) {
		return nil
	}
	return &p
}
