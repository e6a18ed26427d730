package spec

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

func (v *validator) binaries() {
	v.build(keyPath{"build"}, v.Build)
	if len(v.Binaries) == 0 {
		v.needsCGo(keyPath{"build"}, Binary{Build: v.Build})
	}
	for name, b := range each(v.Binaries) {
		at := keyPath{"binaries", name}
		if !binaryNameRE.MatchString(name) {
			v.key(at, "bad-name", "", "%s can't name a binary: %s", quote(name), binaryNameForm)
		}
		if len(v.Images) == 0 && IsBuiltinTarget(name) {
			v.key(at, "reserved-name", "", "%s would be an image too, but is a target of its own; list images under other names", quote(name))
		}
		v.mainPackage(at.to("main"), name, b.Main)
		v.build(at, b.Build)
		for i, o := range b.Overrides {
			v.override(at.to("overrides", i), o)
		}
		v.needsCGo(at, b)
	}
}

// override checks what is changed for some platforms.
func (v *validator) override(at keyPath, o Override) {
	if o.Platform == "" {
		v.key(at.to("platform"), "missing-key", "", "an override needs platform: the os[/arch[/variant]] that it is for")
	} else {
		v.flaw(at.to("platform"), "bad-platform", patternFlaw(o.Platform))
	}
	_, env := o.Settings()
	v.build(at, Build{Flags: o.Flags, LDFlags: o.LDFlags, Tags: o.Tags, Env: env, Levels: o.Levels})
	for _, l := range levels {
		name := l.env()
		if value, ok := o.Env[name]; ok && *l.field(&o.Levels) != "" {
			v.key(at.to("env", name), "reserved-env", "", "%s can't be set here: the key %s is set too", name, l.key)
		} else if ok {
			v.level(at.to("env", name), l, value)
		}
	}
}

func (v *validator) mainPackage(at keyPath, name, dir string) {
	slash := strings.ReplaceAll(dir, `\`, "/")
	switch {
	case dir == "":
		v.key(at, "missing-main", "", "binary %s has no main, the directory of its main package", quote(name))
	case v.outside(at, dir):
	case strings.HasSuffix(slash, ".go"):
		v.value(at, "bad-main", parentOf(slash), "main is a directory, %s is a file", quote(dir))
	case strings.Contains(dir, "..."):
		v.value(at, "bad-main", parentOf(slash), "main is one directory, %s is a pattern", quote(dir))
	default:
		v.plainPath(at, "bad-main", dir)
	}
}

// parentOf gives the directory of a path as the go command takes it: ./cmd/shop.
func parentOf(p string) string {
	if dir := path.Dir(p); dir != "." {
		return "./" + dir
	}
	return "."
}

// build checks what a binary and the defaults of all have in common.
func (v *validator) build(at keyPath, b Build) {
	v.cgo(at.to("cgo"), b.CGo)
	v.flags(at.to("flags"), b.Flags)
	v.toolFlags(at.to("ldflags"), b.LDFlags)
	for key, flags := range each(map[string][]string{"gcflags": b.GCFlags, "asmflags": b.ASMFlags}) {
		v.toolFlags(at.to(key), flags)
		v.untemplatedFlags(at.to(key), flags)
	}
	v.tags(at.to("tags"), b.Tags)
	v.buildMode(at.to("buildmode"), b.BuildMode)
	v.profile(at.to("pgo"), b.PGO)
	v.buildEnv(at.to("env"), b.Env)
	v.levels(at, b.Levels)
}

// toolFlags checks flags of the compiler, the assembler and the linker.
func (v *validator) toolFlags(at keyPath, args []string) {
	for i, a := range args {
		if strings.TrimSpace(a) == "" || strings.ContainsRune(a, 0) {
			v.value(at.to(i), "bad-flag", "", "%s is not a flag", quote(a))
		}
	}
}

func (v *validator) untemplatedFlags(at keyPath, flags []string) {
	for i, f := range flags {
		v.untemplated(at.to(i), f)
	}
}

// reservedFlags are the flags of go build that xbuild sets, with what to write
// instead, and those that a build can't have.
var reservedFlags = map[string]string{
	"C":             "paths are relative to the build context",
	"a":             "it would compile everything anew each time",
	"asmflags":      "use the key asmflags",
	"buildmode":     "use the key buildmode",
	"buildvcs":      "it is always false",
	"compiler":      "only gc is supported",
	"exec":          "it is not for go build",
	"gccgoflags":    "only gc is supported",
	"gcflags":       "use the key gcflags",
	"i":             "go build no longer has it",
	"installsuffix": "xbuild keeps compiled packages in a cache of its own",
	"ldflags":       "use the key ldflags",
	"linkshared":    "it is not supported",
	"modcacherw":    "xbuild keeps the modules in a cache of its own",
	"modfile":       "it is not supported",
	"n":             "it would build nothing",
	"o":             "xbuild names the output after the binary",
	"overlay":       "it is not supported",
	"p":             "use go.parallel",
	"pgo":           "use the key pgo",
	"pkgdir":        "xbuild keeps compiled packages in a cache of its own",
	"tags":          "use the key tags",
	"toolexec":      "it is not supported",
	"trimpath":      "it is always set",
}

func (v *validator) flags(at keyPath, flags []string) {
	v.untemplatedFlags(at, flags)
	for i, f := range flags {
		name, value, split := flagName(f)
		instead := reservedFlags[name]
		switch {
		case strings.ContainsRune(f, 0):
			v.value(at.to(i), "bad-flag", "", "%s is not a flag", quote(f))
		case instead != "":
			v.value(at.to(i), "reserved-flag", "", "-%s can't be set here: %s", name, instead)
		case name == "":
			v.notFlag(at.to(i), f, flags[:i])
		case split:
			v.value(at.to(i), "bad-flag", fmt.Sprintf("-%s=%s", name, strings.TrimSpace(value)), "%s is two words", quote(f))
		}
	}
}

// notFlag reports a word that does not begin with "-", perhaps the value of the
// flag before it.
func (v *validator) notFlag(at keyPath, word string, before []string) {
	flag := ""
	if len(before) > 0 && !strings.ContainsAny(before[len(before)-1], flagEnds) {
		flag = before[len(before)-1]
	}
	name, _, _ := flagName(flag)
	switch {
	case word == "" || strings.HasPrefix(word, "-") || name == "":
		v.value(at, "bad-flag", "", `%s is not a flag: a flag begins with "-"`, quote(word))
	case reservedFlags[name] == "":
		v.value(at, "bad-flag", flag+"="+word, "%s is not a flag: write it as the value of %s", quote(word), quote(flag))
	}
}

// flagEnds are the characters that end the name of a flag.
const flagEnds = "= \t\r\n"

// flagName gives the name and value of -name=value or --name=value, and whether
// white space, which go build would not understand, parts them. The name of what is
// no flag is "".
func flagName(f string) (name, value string, split bool) {
	name, dash := strings.CutPrefix(f, "-")
	if !dash {
		return "", "", false
	}
	name = strings.TrimPrefix(name, "-")
	if i := strings.IndexAny(name, flagEnds); i >= 0 {
		return name[:i], name[i+1:], name[i] != '='
	}
	return name, "true", false
}

var tagRE = regexp.MustCompile(`^[\p{L}\p{N}_.]+$`)

func (v *validator) tags(at keyPath, tags []string) {
	for i, tag := range tags {
		words := strings.FieldsFunc(tag, func(r rune) bool { return strings.ContainsRune(", \t\n", r) })
		switch {
		case len(words) > 1:
			v.value(at.to(i), "bad-tag", "", "%s is %d tags%s", quote(tag), len(words), asList(strings.Join(words, " ")))
		case !tagRE.MatchString(tag):
			v.value(at.to(i), "bad-tag", "", "%s is not a build tag: letters, digits, _ and .", quote(tag))
		}
	}
}

var buildModes = []string{"default", "exe", "pie", "c-archive", "c-shared", "plugin"}

func (v *validator) buildMode(at keyPath, mode string) {
	const legal = "default, exe, pie, c-archive, c-shared or plugin"
	switch {
	case mode == "" || slices.Contains(buildModes, mode):
	case mode == "archive" || mode == "shared":
		v.value(at, "bad-buildmode", "", "build mode %s is not supported: %s", quote(mode), legal)
	default:
		v.value(at, "bad-buildmode", diag.Nearest(mode, buildModes), "there is no build mode %s: %s", quote(mode), legal)
	}
}

// profile checks a value of pgo.
func (v *validator) profile(at keyPath, pgo string) {
	words := []string{"auto", "off"}
	word := strings.ToLower(pgo)
	switch {
	case pgo == "" || slices.Contains(words, pgo) || v.outside(at, pgo):
	case slices.Contains(words, word):
		v.value(at, "bad-pgo", word, "%s is not a profile", quote(pgo))
	case slices.Contains([]string{"on", "yes", "true"}, word):
		v.value(at, "bad-pgo", "auto", "%s is not a profile", quote(pgo))
	case slices.Contains([]string{"no", "none", "false"}, word):
		v.value(at, "bad-pgo", "off", "%s is not a profile", quote(pgo))
	default:
		v.plainPath(at, "bad-pgo", pgo)
	}
}
