package gostep

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

var (
	// deniedRE matches what a proxy, git and ssh say when they are refused.
	deniedRE = regexp.MustCompile(`401 Unauthorized|403 Forbidden|could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|` +
		`Permission denied \(|Host key verification failed|The requested URL returned error: 40[13]|Too many authentication failures`)
	// hiddenRE matches what a host may say of a module that it hides from strangers.
	hiddenRE = regexp.MustCompile(`404 Not Found|410 Gone|[Rr]epository not found|repository '[^']*' not found|does not appear to be a git repository`)

	moduleRE    = regexp.MustCompile(`([A-Za-z0-9][A-Za-z0-9._~-]*\.[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~+-]+)*)(?:@v[0-9][^: \n]*|: git |": )`)
	authorityRE = regexp.MustCompile(`(?:https?://|ssh://git@|git@)([A-Za-z0-9.-]+(?::[0-9]+)?)`)
	noGitRE     = regexp.MustCompile(`exec: "git": executable file not found|cannot run ssh|ssh: not found`)
)

// advise adds to the mistakes of a go command what to do about them. pkg is the package of
// the first.
func (d *deps) advise(mistakes, pkg string) string {
	if strings.Contains(mistakes, "no secure protocol found for repository") { // which is all that the go command says
		mistakes += "\n" + d.askGit(pkg)
	}
	if advice := d.private.explain(mistakes, pkg); advice != "" {
		mistakes += "\n" + advice
	}
	return mistakes
}

// askGit gives what git says of a repository, where the import path says which it is.
// https://go.dev/ref/mod#vcs-find
func (d *deps) askGit(pkg string) string {
	repo, _, ok := strings.Cut(pkg, ".git")
	if !ok {
		return ""
	}
	cmd := exec.Command("git", "ls-remote", "-q", "--heads", "--", "https://"+repo)
	cmd.Env = append(os.Environ(), d.env...)
	said, err := cmd.CombinedOutput()
	if err != nil && len(said) == 0 {
		return err.Error()
	}
	return strings.TrimSpace(string(said))
}

// explain says what to do about a module that could not be fetched for want of a right or
// of git, in one line; "" when that is not why. What is said is of a package; "" is not known.
func (p *private) explain(said, pkg string) string {
	if noGitRE.MatchString(said) {
		return "a module is fetched from its repository, which takes git and ssh: the toolchain image lacks them; take golang:<version> without -alpine as go.image"
	}
	at := deniedRE.FindStringIndex(said)
	hidden := at == nil
	if hidden {
		if at = hiddenRE.FindStringIndex(said); at == nil {
			return ""
		}
	}
	mod, host := aroundOf(said, at)
	mod = cmp.Or(mod, pkg)
	name := "a module"
	if mod != "" {
		name = "module " + mod
	}
	if host == "" {
		host, _, _ = strings.Cut(mod, "/")
	}
	of := func(l list) (way, bool) {
		all := ways(l)
		i := slices.IndexFunc(all, func(w way) bool {
			return w.fetches(mod) || w.serves(host) && strings.Contains(said, w.path)
		})
		if i < 0 {
			return way{}, false
		}
		return all[i], true
	}
	if w, ok := of(p.tokens); ok {
		return fmt.Sprintf("%s: %s did not take secret %q: check that it is a token that is valid and may read the module, as user:token where the host wants a certain user", name, host, w.id())
	}
	if w, ok := of(p.netrcs); ok {
		return fmt.Sprintf("%s: %s did not take secret %q: check that the netrc file has a line for machine %s, and that its password is valid and may read the module", name, host, w.id(), host)
	}
	if w, ok := of(p.agents); ok {
		if strings.Contains(said, "Host key verification failed") {
			return fmt.Sprintf("%s: the SSH key of %s is not the one that the toolchain image knows, in /etc/ssh/ssh_known_hosts", name, host)
		}
		return fmt.Sprintf("%s: %s did not take a key of SSH agent %q: check with ssh-add -l that it holds one that may read the module", name, host, w.id())
	}
	if hidden || host == "" {
		return ""
	}
	return fmt.Sprintf("%s: %s looks private: say in the spec how it is fetched, as go: {private: {%s: {secret: ID}}}, and add --secret id=ID,env=VARIABLE to the build", name, host, prefixFor(mod, host))
}

// aroundOf gives the module and the host that a refusal is about: those named last before
// it, but a host that it names itself.
func aroundOf(said string, at []int) (mod, host string) {
	for _, m := range moduleRE.FindAllStringSubmatchIndex(said, -1) {
		if mod == "" || m[0] < at[0] {
			mod = said[m[2]:m[3]]
		}
	}
	line, _, _ := strings.Cut(said[at[1]:], "\n")
	if m := authorityRE.FindStringSubmatch(line); m != nil {
		return mod, m[1]
	}
	for _, m := range authorityRE.FindAllStringSubmatchIndex(said[:at[0]], -1) {
		host = said[m[2]:m[3]]
	}
	return mod, host
}

// prefixFor is the beginning of module paths to declare: the owner's, where the host is
// that of the module.
func prefixFor(mod, host string) string {
	if elems := strings.SplitN(mod, "/", 3); len(elems) > 1 && elems[0] == host {
		return elems[0] + "/" + elems[1]
	}
	return host
}
