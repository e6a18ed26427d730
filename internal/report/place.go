package report

import (
	"regexp"
	"strings"

	"github.com/acme/xbuild/internal/progress"
)

// place is what the name of a vertex says of it. xbuild's names are like "[shop linux/arm64]
// compile", those of docker/dockerfile like "[linux/amd64->arm64 build 3/5] RUN make".
type place struct {
	stage    string // "shop", "build"; "" when the name has none
	platform string // that the step is for, "" when it is for all
	what     string // "compile"
	service  bool   // BuildKit or the client do it for every build
}

var (
	bracketed = regexp.MustCompile(`(?s)^\[([^\]]*)\] *(.*)$`)
	platform  = regexp.MustCompile(`^[a-z][a-z0-9]*(\([^)]*\))?/[a-z0-9_]+(/v[0-9.]+)?$`)
	counter   = regexp.MustCompile(`^[0-9]+/[0-9]+$`)
)

func placeOf(name string) place {
	m := bracketed.FindStringSubmatch(name)
	if m == nil {
		return place{what: name, service: progress.Service(name)}
	}
	p := place{what: m[2]}
	var stage []string
	for _, word := range strings.Fields(m[1]) {
		base, target, _ := strings.Cut(word, "->")
		switch {
		case counter.MatchString(word):
		case p.platform == "" && platform.MatchString(base):
			p.platform = targetPlatform(base, target)
		default:
			stage = append(stage, word)
		}
	}
	p.stage = strings.Join(stage, " ")
	p.service = progress.Service(name) || p.stage == "internal"
	return p
}

// targetPlatform reads linux/amd64->arm64, in which the target is without an OS when that
// is the same.
func targetPlatform(base, target string) string {
	switch {
	case target == "":
		return base
	case platform.MatchString(target) && !strings.Contains(target, "/v"), strings.Count(target, "/") == 2:
		return target
	default:
		os, _, _ := strings.Cut(base, "/")
		return os + "/" + target
	}
}
