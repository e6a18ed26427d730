package spec

import (
	"cmp"
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
		v.cgoFlags(keyPath{"build"}, v.Build, v.Build.CGo)
	}
	for name, b := range each(v.Binaries) {
		at := keyPath{"binaries", name}
		if !binaryNameRE.MatchString(name) {
			v.key(at, "bad-name", "", "%s can't name a binary: %s", quote(name), binaryNameForm)
		}
		if len(v.Images) == 0 && slices.Contains(builtin, name) {
			v.key(at, "reserved-name", "", "%s would be an image too, but is a target of its own; list images under other names", quote(name))
		}
		v.mainPackage(at.to("main"), name, b.Main)
		v.build(at, b.Build)
		cgo := cmp.Or(b.CGo, v.Build.CGo)
		if v.broken(at.to("cgo")) {
			continue
		}
		v.cgoFlags(keyPath{"build"}, v.Build, cgo)
		v.cgoFlags(at, b.Build, cgo)
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
	v.flags(at.to("flags"), b.Flags)
	v.args(at.to("ldflags"), b.LDFlags)
	v.args(at.to("gcflags"), b.GCFlags)
	v.args(at.to("asmflags"), b.ASMFlags)
	v.tags(at.to("tags"), b.Tags)
	v.buildMode(at.to("buildmode"), b.BuildMode)
	v.buildEnv(at.to("env"), b.Env)
	v.levels(at, b.Levels)
}

// args checks flags of the compiler, the assembler and the linker.
func (v *validator) args(at keyPath, args []string) {
	for i, a := range args {
		if strings.TrimSpace(a) == "" || strings.ContainsRune(a, 0) {
			v.value(at.to(i), "bad-flag", "", "%s is not a flag", quote(a))
		}
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
	"pkgdir":        "xbuild keeps compiled packages in a cache of its own",
	"tags":          "use the key tags",
	"toolexec":      "it is not supported",
	"trimpath":      "it is always set",
}

func (v *validator) flags(at keyPath, flags []string) {
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

// cgoFlags checks that the flags of b, which is at at, have cgo where they need it.
func (v *validator) cgoFlags(at keyPath, b Build, cgo *CGo) {
	if cgo != nil && cgo.Enabled || v.broken(keyPath{"build", "cgo"}) {
		return
	}
	for i, f := range b.Flags {
		name, value, _ := flagName(f)
		if (name == "race" || name == "msan" || name == "asan") && !strings.EqualFold(value, "false") && value != "0" {
			v.value(at.to("flags", i), "needs-cgo", "", "-%s needs cgo: true", name)
		}
	}
}

var tagRE = regexp.MustCompile(`^[\pL\pN_.]+$`)

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

func (v *validator) buildMode(at keyPath, mode string) {
	legal := []string{"default", "exe", "pie"}
	switch {
	case mode == "" || slices.Contains(legal, mode):
	case slices.Contains([]string{"archive", "c-archive", "c-shared", "plugin", "shared"}, mode):
		v.value(at, "bad-buildmode", "", "build mode %s is not supported: default, exe or pie", quote(mode))
	default:
		v.value(at, "bad-buildmode", diag.Nearest(mode, legal), "there is no build mode %s: default, exe or pie", quote(mode))
	}
}
