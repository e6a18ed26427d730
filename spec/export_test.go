package spec

import (
	"slices"
	"strings"
)

// Form is what can be said of a value, or of each of a list's or mapping's, without the
// rest of the spec.
type Form struct {
	Words   []string // all that it can be
	Pattern string   // of its text
	Names   string   // of a mapping's keys: a pattern
	Only    []string // all that a mapping's keys can be
}

// templated is a form that a template has too.
func templated(pattern string) Form { return Form{Pattern: `\{\{|` + pattern} }

func names(pattern string) Form { return Form{Names: pattern} }

func matching(pattern string) Form { return Form{Pattern: pattern} }

const (
	word     = `^[^\x00]*[^\s\x00][^\x00]*$`
	flag     = `^-[^\x00]+$`
	anyPath  = `^[^\x00\n\r]+$`
	absolute = `^/[^\x00\n\r]*$`
	file     = `^/([^\x00\n\r]*[^\x00\n\r/])?$`
	duration = `^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`
)

// Forms are the forms of keys, by type: those that Validate demands.
var Forms = map[string]Form{
	"Spec.name":      matching(nameRE.String()),
	"Spec.platforms": matching(`^[^/]+/[^/]+(/[^/]+)?$`),
	"Spec.args":      names(toolEnvRE.String()),
	"Spec.binaries":  names(binaryNameRE.String()),
	"Spec.images":    names(nameRE.String()),

	"Go.version":     matching(goVersionRE.String()),
	"Go.env":         names(toolEnvRE.String()),
	"Go.private":     names(privateRE.String()),
	"Private.secret": matching(idRE.String()),
	"Private.netrc":  matching(idRE.String()),
	"Private.ssh":    matching(idRE.String()),

	"Build.flags":       matching(flag),
	"Build.ldflags":     matching(word),
	"Build.gcflags":     matching(word),
	"Build.asmflags":    matching(word),
	"Build.tags":        matching(tagRE.String()),
	"Binary.main":       matching(anyPath),
	"Build.pgo":         matching(anyPath),
	"Build.buildmode":   {Words: buildModes},
	"Build.env":         names(toolEnvRE.String()),
	"Override.flags":    matching(flag),
	"Override.ldflags":  matching(word),
	"Override.tags":     matching(tagRE.String()),
	"Override.env":      names(toolEnvRE.String()),
	"Override.platform": matching(`^[^/]+(/[^/]+){0,2}$`),
	"Levels.goamd64":    levelForm("goamd64"),
	"Levels.goarm":      levelForm("goarm"),
	"Levels.goarm64":    levelForm("goarm64"),
	"Levels.go386":      levelForm("go386"),
	"Levels.gomips":     levelForm("gomips"),
	"Levels.gomips64":   levelForm("gomips64"),
	"Levels.goppc64":    levelForm("goppc64"),
	"Levels.goriscv64":  levelForm("goriscv64"),
	"CGo.cc":            matching(compilerRE.String()),
	"CGo.packages":      matching(packageRE.String()),
	"CGo.libs":          matching(packageRE.String()),
	"CGo.snapshot":      matching(snapshotRE.String()),

	"Image.base":         {Only: append([]string{""}, systems...)},
	"Image.user":         templated(userRE.String()),
	"Image.env":          names(imageEnvRE.String()),
	"Image.workdir":      templated(absolute),
	"Image.ports":        matching(portRE.String()),
	"Image.volumes":      matching(absolute),
	"Image.labels":       names(`\S`),
	"Image.annotations":  names(`^(` + anyOf(annotationLevels) + `(,` + anyOf(annotationLevels) + `)*:[\s\S]*\S|[^:]*[^:\s][^:]*$)`),
	"Image.capabilities": {Names: file, Pattern: capabilityRE.String()},
	"Image.variants":     names(nameRE.String()),
	"ImageBinary.path":   matching(file),
	"File.from":          matching(anyPath),
	"File.link":          matching(anyPath),
	"File.url":           matching(`^[Hh][Tt][Tt][Pp][Ss]?://`),
	"File.checksum":      matching(checksumRE.String()),
	"File.to":            matching(absolute),
	"File.mode":          matching(modeRE.String()),
	"File.owner":         matching(ownerRE.String()),

	"Healthcheck.interval":       matching(duration),
	"Healthcheck.timeout":        matching(duration),
	"Healthcheck.start-period":   matching(duration),
	"Healthcheck.start-interval": matching(duration),

	"Dist.archive":  {Words: archives},
	"Dist.files":    matching(anyPath),
	"Test.packages": matching(`^\.(/|$)`),
	"Checks.skip":   {Words: warningNames()},
}

func anyOf(words []string) string { return "(" + strings.Join(words, "|") + ")" }

func levelForm(key string) Form {
	l := levels[slices.IndexFunc(levels, func(l level) bool { return l.key == key })]
	if l.opts == nil {
		return Form{Words: l.legal}
	}
	var base []string
	for _, s := range l.legal {
		base = append(base, strings.ReplaceAll(s, ".", `\.`))
	}
	opts := "(," + anyOf(l.opts) + ")?"
	if l.most == 2 {
		opts += opts
	}
	return matching("^" + anyOf(base) + opts + "$")
}

// HealthKinds are the first words of a healthcheck's test.
var HealthKinds = healthKinds

// FileSource is a key that says where a file is from, the keys that it needs, and those
// that don't go with it.
type FileSource struct {
	Key            string
	Needs, Without []string
}

// FileSources gives the ways to write a file, one of which each has.
func FileSources() (out []FileSource) {
	needs := map[string][]string{"url": {"checksum"}, "image": {"from"}}
	var before []string
	for _, s := range fileSources {
		out = append(out, FileSource{s.key, needs[s.key], slices.Concat(before, s.without)})
		before = append(before, s.key)
	}
	return out
}

// ShortKey is the key whose value a string stands for, where type t has such a short form.
func ShortKey(v any) (string, bool) {
	short, ok := v.(shortForm)
	if !ok {
		return "", false
	}
	return short.shortKey(), true
}

// IsSwitched reports whether true and false may stand for what v points at.
func IsSwitched(v any) bool {
	_, ok := v.(switched)
	return ok
}
