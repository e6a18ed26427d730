package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

// PrivateHost is how modules are fetched that are not public. One of Secret, Netrc and SSH is
// set, to the id that the client gives it.
type PrivateHost struct {
	Prefix             string // of module paths; it may name a port, or be that of a module proxy
	Secret, Netrc, SSH string
	Pos                diag.Pos
}

// PrivateHosts gives those of the spec, sorted by prefix.
func PrivateHosts(s *spec.Spec) (out []PrivateHost) {
	for _, prefix := range sortedKeys(s.Go.Private) {
		p := s.Go.Private[prefix]
		out = append(out, PrivateHost{Prefix: prefix, Secret: p.Secret, Netrc: p.Netrc, SSH: p.SSH, Pos: s.KeyPos("go", "private", prefix)})
	}
	return out
}

// Private gives the hosts that the steps log in to, each once.
func (p *Plan) Private() (out []PrivateHost) {
	for _, s := range p.Steps {
		var hosts []PrivateHost
		switch s := s.(type) {
		case Deps:
			hosts = s.Private
		case Tool:
			hosts = s.Private
		}
		for _, h := range hosts {
			if !slices.Contains(out, h) {
				out = append(out, h)
			}
		}
	}
	return out
}

// modulePattern is the prefix as GOPRIVATE takes it: no module path has a port.
func (h PrivateHost) modulePattern() string {
	host, path, ok := strings.Cut(h.Prefix, "/")
	host, _, _ = strings.Cut(host, ":")
	if ok {
		return host + "/" + path
	}
	return host
}

// isProxy reports whether the host is one of GOPROXY's, and so none of a repository.
func (h PrivateHost) isProxy(goproxy string) bool {
	host, _, _ := strings.Cut(h.Prefix, "/")
	for _, p := range splitProxies(goproxy) {
		_, rest, _ := strings.Cut(p, "://")
		if authority, _, _ := strings.Cut(rest, "/"); authority == host {
			return true
		}
	}
	return false
}

func splitProxies(goproxy string) []string {
	return strings.FieldsFunc(goproxy, func(r rune) bool { return r == ',' || r == '|' })
}

// privateEnv is env with the prefixes of private modules in GOPRIVATE, besides those that are
// there: the go command asks no proxy and no checksum database for them. A proxy that wants
// a login makes no module private.
func privateEnv(s *spec.Spec, env map[string]string) map[string]string {
	var patterns []string
	if old := env["GOPRIVATE"]; old != "" {
		patterns = append(patterns, old)
	}
	for _, h := range PrivateHosts(s) {
		if p := h.modulePattern(); !h.isProxy(env["GOPROXY"]) && !slices.Contains(patterns, p) {
			patterns = append(patterns, p)
		}
	}
	if len(patterns) > 0 {
		env = maps.Clone(env)
		env["GOPRIVATE"] = strings.Join(patterns, ",")
	}
	return env
}

// privateProxies are the hosts of the spec that are in GOPROXY.
func privateProxies(s *spec.Spec, env map[string]string) []PrivateHost {
	return slices.DeleteFunc(PrivateHosts(s), func(h PrivateHost) bool { return !h.isProxy(env["GOPROXY"]) })
}

// fetchesDirect reports whether the binary takes modules from private repositories, for
// which the go command runs git.
func (b *builder) fetchesDirect(bin binary) bool {
	isProxy := func(h PrivateHost) bool { return h.isProxy(bin.Env["GOPROXY"]) }
	hosts := slices.DeleteFunc(PrivateHosts(b.spec), isProxy)
	if len(hosts) == 0 || !b.downloads(bin) {
		return false
	}
	// Without a word on it, the go command asks no proxy for what is private.
	all := cmp.Or(bin.Env["GOPROXY"], "direct")
	return bin.Env["GONOPROXY"] != "none" || slices.Contains(splitProxies(all), "direct")
}
