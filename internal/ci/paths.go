package ci

import (
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
)

// relevant is what the targets take of the build context.
type relevant struct {
	all   bool     // everything
	c     bool     // C, too
	exts  []string // of files anywhere: go
	names []string // of files anywhere: go.mod
	roots []string // files of the context itself: go.work
	paths []string // of files and directories, as patterns
}

// relevant gathers it of the plans. Tests may read anything and are left out.
func (p *Project) relevant() (r relevant) {
	for _, pl := range p.Plans {
		if pl.Target == plan.TargetTest || pl.Target == plan.TargetVet {
			continue
		}
		for _, s := range pl.Steps {
			_, isCC := s.(plan.CC)
			r.c = r.c || isCC
			c, ok := s.(plan.Context)
			if !ok {
				continue
			}
			r.all = r.all || len(c.Include) == 0
			for _, pattern := range c.Include {
				r.add(p.Context, pattern)
			}
		}
	}
	for _, list := range []*[]string{&r.exts, &r.names, &r.roots, &r.paths} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return r
}

func (r *relevant) add(context, pattern string) {
	anywhere, ok := strings.CutPrefix(pattern, "**/")
	ext, isExt := strings.CutPrefix(anywhere, "*.")
	switch {
	case ok && isExt:
		r.exts = append(r.exts, ext)
	case ok:
		r.names = append(r.names, anywhere)
	case pattern == "go.work", pattern == "go.work.sum":
		r.roots = append(r.roots, path.Join(context, pattern))
	default:
		r.paths = append(r.paths, path.Join(context, pattern))
	}
}

// own are the files that make the pipeline what it is.
func (p *Project) own() (out []string) {
	for _, f := range []string{p.Spec, p.Bake, p.File} {
		if f != "" && !(p.Host != nil && f == p.Bake) {
			out = append(out, f)
		}
	}
	return out
}

// docs are the files that are read by people only, unless the project takes them.
var docs = []string{"**/*.md", "docs/**", "LICENSE*", "**/.gitignore"}

// noCExts are those that a build without C reads, of Go and of assembly.
var noCExts = []string{"go", "h", "s", "syso"}

// githubPaths filter out docs. A later pattern wins.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
func (p *Project) githubPaths() []string {
	r := p.relevant()
	out := []string{"**"}
	if r.all {
		return nil
	}
	for _, d := range docs {
		out = append(out, "!"+d)
	}
	out = append(out, "**/testdata/**")
	for _, ext := range r.exts {
		if r.c || slices.Contains(noCExts, ext) {
			out = append(out, "**/*."+ext)
		}
	}
	for _, pattern := range r.paths {
		pattern = glob(pattern, "*")
		out = append(out, pattern, pattern+"/**")
	}
	for _, f := range p.own() {
		out = append(out, glob(f, "*"))
	}
	return out
}

// maxPatterns is what GitLab takes in one list of changes.
// https://docs.gitlab.com/ci/yaml/#ruleschanges
const maxPatterns = 50

// gitlabPaths are the files that the targets and tests take: GitLab's lists leave nothing out.
func (p *Project) gitlabPaths() []string {
	r := p.relevant()
	if r.all {
		return nil
	}
	out := []string{"**/*.{" + strings.Join(r.exts, ",") + "}"}
	if len(r.exts) == 0 {
		out = nil
	}
	for _, name := range r.names {
		out = append(out, "**/"+glob(name, "?"))
	}
	out = append(append(out, "**/testdata/**/*"), r.roots...)
	for _, pattern := range r.paths {
		pattern = glob(pattern, "?")
		out = append(out, pattern, pattern+"/**/*")
	}
	for _, f := range p.own() {
		out = append(out, glob(f, "?"))
	}
	if len(out) > maxPatterns {
		return nil
	}
	return out
}

// glob is a pattern of .dockerignore, or a path, in a filter of a forge, whose other special signs
// each become any. It may match more.
func glob(pattern, anything string) string {
	var out strings.Builder
	for _, r := range pattern {
		switch {
		case r == '*', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_./ @=,", r), r > 0x7f:
			out.WriteRune(r)
		default:
			out.WriteString(anything)
		}
	}
	return out.String()
}
