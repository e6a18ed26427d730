package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// MatchPlatform reports whether a platform, normalized, is one of those that pattern
// stands for, which is os[/arch[/variant]] with * for any.
func MatchPlatform(pattern string, p ocispecs.Platform) bool {
	want := strings.Split(pattern, "/")
	for i, have := range []string{p.OS, p.Architecture, p.Variant} {
		if i < len(want) && want[i] != "*" && want[i] != have {
			return false
		}
	}
	return true
}

func patternFlaw(s string) flaw {
	parts := strings.Split(s, "/")
	switch {
	case len(parts) > 3 || slices.Contains(parts, ""):
		return flaw{fmt.Sprintf("%s is not of the form os[/arch[/variant]], with * for any", quote(s)), ""}
	case !matchesAny(s):
		return flaw{fmt.Sprintf("Go has no platform that is %s", quote(s)), patternHint(parts)}
	}
	return flaw{}
}

// matchesAny reports whether pattern stands for a platform that Go can build for.
func matchesAny(pattern string) bool {
	parts := strings.Split(pattern, "/")
	return slices.ContainsFunc(legalPlatforms, func(l string) bool {
		os, arch, _ := strings.Cut(l, "/")
		p := ocispecs.Platform{OS: os, Architecture: arch}
		if len(parts) > 2 && parts[2] != "*" {
			v, ok := variants[arch]
			if !ok || !v.re.MatchString(parts[2]) {
				return false
			}
			p.Variant = parts[2]
		}
		return MatchPlatform(pattern, platforms.Normalize(p))
	})
}

// patternHint gives the pattern in normalized words, or in those that were probably meant.
func patternHint(parts []string) string {
	if len(parts) == 1 {
		if other := otherNames[parts[0]]; other != "" {
			parts[0] = other
		}
		if slices.Contains(architectures, parts[0]) {
			return "*/" + parts[0]
		}
		parts = append(parts, "*")
	}
	p := ocispecs.Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) > 2 {
		p.Variant = parts[2]
	}
	p = platforms.Normalize(p)
	if p.OS != "*" {
		p.OS = nearestWord(p.OS, systems)
	}
	if p.Architecture != "*" {
		p.Architecture = nearestWord(p.Architecture, architectures)
	}
	return oneOf(strings.TrimSuffix(platforms.FormatAll(p), "/*"), matchesAny)
}

func systemFlaw(os string) flaw {
	if slices.Contains(systems, os) {
		return flaw{}
	}
	p := platforms.Normalize(ocispecs.Platform{OS: os})
	return flaw{fmt.Sprintf("Go has no operating system %s", quote(os)), nearestWord(p.OS, systems)}
}
