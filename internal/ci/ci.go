// Package ci writes pipelines that test a project, build its images by a bake file and push them on
// tags, or that build its binaries without containers.
package ci

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/acme/xbuild/plan"
)

// Project is what a pipeline is for. Its paths are relative to the root of the repository, where the
// pipeline runs.
type Project struct {
	Spec    string // the spec, or ""
	Context string // the build context
	File    string // the pipeline itself
	Bake    string // the bake file
	Branch  string // that is built on every push; GitLab knows its own

	// Plans are those of the targets that the pipeline builds. What they take of the context decides
	// whether a change is relevant.
	Plans []*plan.Plan

	Cache    string // reference that caches are kept at, or ""
	Registry string // what the bake file has for REGISTRY, "" for the forge's own
	Allow    []string
	Secrets  []string // environment variables
	SSH      []string // ids of agents
	Parallel int      // jobs of a matrix at once

	// Split lists the images whose platforms have a job each; empty: one job for all.
	Split []Image
	// Host is set for a pipeline without containers.
	Host *Host
}

// Image is an image that is put together of one for each platform.
type Image struct {
	Name      string
	Platforms []string // as parts of a tag: linux-arm64
}

// groups are the bake groups of platforms that the images have, in their order.
func (p *Project) groups() (out []string) {
	seen := map[string]bool{}
	for _, img := range p.Split {
		for _, platform := range img.Platforms {
			if !seen[platform] {
				seen[platform] = true
				out = append(out, platform)
			}
		}
	}
	return out
}

// bake is a command line of docker buildx bake. Words after it are for a shell to read.
func (p *Project) bake(words ...string) string {
	line := "docker buildx bake -f " + quote(p.Bake)
	for _, a := range p.Allow {
		line += " --allow " + quote(a)
	}
	return strings.Join(append([]string{line}, words...), " ")
}

// nothing has bake keep results in caches only.
const nothing = "--set '*.output=type=cacheonly'"

// login is the host of the registry that is pushed to, "" for the forge's own.
func (p *Project) login() string {
	host, _, ok := strings.Cut(p.Registry, "/")
	if !ok && !strings.ContainsAny(host, ".:") && host != "localhost" {
		return ""
	}
	return host
}

// check reports what a pipeline can't say.
func (p *Project) check() error {
	for _, s := range append([]string{p.Spec, p.Context, p.File, p.Bake, p.Branch}, p.Allow...) {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return fmt.Errorf("a pipeline can't say %q: it holds a control character, or is no Unicode", s)
		}
	}
	if p.Host != nil && len(p.Secrets)+len(p.SSH) > 0 {
		return fmt.Errorf("go.private: a job without containers has no logins; build with containers")
	}
	if p.Context == ".." || strings.HasPrefix(p.Context, "../") || path.IsAbs(p.Context) {
		return fmt.Errorf("the build context %s is not in the repository: run gen at its root", p.Context)
	}
	return nil
}

// comment is the first line of a pipeline.
func (p *Project) comment(forge string) string {
	from := p.Spec
	if from == "" {
		from = "a spec"
	}
	return fmt.Sprintf("Written by gen ci %s from %s, to be written again when that changes.", forge, from)
}

// quote is a word for a POSIX shell.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,+@%", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
