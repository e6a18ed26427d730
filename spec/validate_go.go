package spec

import (
	"go/version"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

var goVersionRE = regexp.MustCompile(`^1\.(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})|(rc|beta)[1-9][0-9]{0,3})?$`)

// oldestGo is the oldest toolchain that has all that a build uses.
const oldestGo = "1.21"

func (v *validator) goTool() {
	switch s := v.Go.Version; {
	case s == "":
	case !goVersionRE.MatchString(s):
		hint := oneOf(strings.TrimLeft(s, "gov"), goVersionRE.MatchString)
		v.value(keyPath{"go", "version"}, "bad-version", hint, "%s is not a version of Go, as 1.26 or 1.26.1", quote(s))
	case version.Compare("go"+s, "go"+oldestGo) < 0:
		v.value(keyPath{"go", "version"}, "oldest-go", "", "Go %s is too old; the oldest that works is %s", s, oldestGo)
	}
	if s := v.Go.Image; s != "" && !IsTemplate(s) {
		v.flaw(keyPath{"go", "image"}, "bad-image", toolchainFlaw(s))
	}
	at := keyPath{"go", "env"}
	v.toolEnv(at, v.Go.Env)
	for name, value := range each(v.Go.Env) {
		v.untemplated(at.to(name), value)
	}
	v.proxy(keyPath{"go", "proxy"}, v.Go.Proxy)
	v.count(keyPath{"go", "parallel"}, v.Go.Parallel)
	for prefix, p := range each(v.Go.Private) {
		v.private(keyPath{"go", "private", prefix}, prefix, p)
	}
}

// count checks a number of a spec that was built in Go; in YAML there is none below 0.
func (v *validator) count(at keyPath, n int) {
	if n < 0 {
		v.value(at, "wrong-type", "", "expected %s, found the number %d", describe(reflect.TypeFor[int]()), n)
	}
}

// proxy checks a value of GOPROXY. https://go.dev/ref/mod#goproxy-protocol
func (v *validator) proxy(at keyPath, proxy string) {
	if proxy == "" || !v.untemplated(at, proxy) {
		return
	}
	for s := range strings.SplitSeq(strings.ReplaceAll(proxy, "|", ","), ",") {
		v.flaw(at, "bad-proxy", proxyFlaw(s))
	}
}

func proxyFlaw(s string) flaw {
	words := []string{"direct", "off"}
	u, err := url.Parse(s)
	switch {
	case slices.Contains(words, s):
	case s == "":
		return flaw{"a proxy of the list is empty", ""}
	case err == nil && u.User != nil:
		return flaw{"a proxy's address can't hold a password: it would be recorded; use go.private", ""}
	case err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	case err == nil && u.Scheme == "file" && u.Host == "" && path.IsAbs(u.Path):
	default:
		hint := diag.Nearest(s, words)
		if !strings.Contains(s, ":") && strings.Contains(s, ".") {
			hint = "https://" + s
		}
		return flaw{quote(s) + " is not a module proxy: a URL with http, https or file, direct or off", hint}
	}
	return flaw{}
}

var (
	privateRE = regexp.MustCompile(`^(?:(?:\*\.)?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+|localhost)(?::[0-9]{1,5})?(?:/[A-Za-z0-9_~+-][A-Za-z0-9._~+-]*)*$`)
	idRE      = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// private checks how the modules are fetched whose paths begin with prefix.
func (v *validator) private(at keyPath, prefix string, p Private) {
	if !privateRE.MatchString(prefix) {
		v.key(at, "bad-private", privateHint(prefix), "%s is not the beginning of module paths, as github.com/acme or *.corp.example.com", quote(prefix))
	}
	set := 0
	for _, id := range []struct{ key, value string }{{"secret", p.Secret}, {"netrc", p.Netrc}, {"ssh", p.SSH}} {
		if id.value == "" && !v.broken(at.to(id.key)) {
			continue
		}
		if set++; set > 1 {
			v.key(at.to(id.key), "bad-private", "", "%s is fetched in two ways; keep one of secret, netrc and ssh", quote(prefix))
		}
		if !idRE.MatchString(id.value) {
			v.value(at.to(id.key), "bad-id", "", "%s is not the id of a secret or SSH agent: letters, digits, ., _ and -", quote(id.value))
		}
	}
	if set == 0 {
		v.key(at, "missing-key", "", "%s needs secret, netrc or ssh: the id that the client gives it", quote(prefix))
	}
}

// privateHint gives the prefix without what surrounds it in an address, when that is one.
func privateHint(prefix string) string {
	if _, rest, ok := strings.Cut(prefix, "://"); ok {
		prefix = rest
	}
	prefix = strings.TrimPrefix(prefix, "git@")
	prefix = strings.TrimRight(prefix, "/*.")
	host, rest, _ := strings.Cut(prefix, "/")
	return oneOf(strings.TrimSuffix(strings.ToLower(host)+"/"+rest, "/"), privateRE.MatchString)
}
