package spec

import (
	"cmp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

// archives are how dist packs, otherArchives names that are understood only to give a hint.
var (
	archives      = []string{"none", "tar.gz", "zip", "auto"}
	otherArchives = map[string]string{"tgz": "tar.gz", "tar": "tar.gz", "gz": "tar.gz", "false": "none", "true": "auto"}
)

func (v *validator) dist() {
	at := keyPath{"dist"}
	if s := v.Dist.Archive; s != "" && !slices.Contains(archives, s) {
		hint := cmp.Or(otherArchives[strings.ToLower(s)], diag.Nearest(s, archives))
		v.value(at.to("archive"), "bad-archive", hint, "there is no archive %s: none, tar.gz, zip or auto", quote(s))
	}
	for i, p := range v.Dist.Files {
		if at := at.to("files", i); !v.outside(at, p) {
			v.plainPath(at, "bad-path", p)
		}
	}
}

func (v *validator) test() {
	for i, p := range v.Test.Packages {
		at := keyPath{"test", "packages", i}
		switch {
		case v.outside(at, p):
		case p != "." && !strings.HasPrefix(p, "./"):
			v.value(at, "bad-pattern", patternInModule(p), "%s is not a pattern of this module's packages, as ./... or ./cmd/shop", quote(p))
		default:
			v.plainPath(at, "bad-pattern", p)
		}
	}
}

// patternInModule gives a pattern without its ./ with it, "" for what was not meant so.
func patternInModule(p string) string {
	first, _, _ := strings.Cut(p, "/")
	switch {
	case p == "all" || p == "...":
		return "./..."
	case p == "" || strings.ContainsAny(first, ".-"):
		return ""
	}
	return "./" + p
}

func (v *validator) checks() {
	for i, name := range v.Checks.Skip {
		at, is := keyPath{"checks", "skip", i}, func(r Rule) bool { return r.Name == name }
		switch {
		case slices.ContainsFunc(Warnings, is):
		case slices.ContainsFunc(Rules, is):
			v.value(at, "unknown-rule", "", "%s is a mistake, and only warnings can be skipped", quote(name))
		default:
			v.value(at, "unknown-rule", diag.Nearest(name, warningNames()), "there is no warning %s", quote(name))
		}
	}
}

func warningNames() []string {
	names := make([]string, len(Warnings))
	for i, w := range Warnings {
		names[i] = w.Name
	}
	return names
}
