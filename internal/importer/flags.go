package importer

import (
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/spec"
)

// boolFlags are the flags of go build that take no value as a word of its own.
var boolFlags = []string{
	"a", "asan", "buildvcs", "cover", "i", "json", "linkshared", "modcacherw", "msan", "n", "race", "trimpath", "v", "work", "x",
}

// silentFlags only make go build say more.
var silentFlags = []string{"v", "x", "n", "json", "work"}

// buildFlag is a flag of a go build.
type buildFlag struct {
	name, value string
	valued      bool
}

// splitFlags parts the flags of a go build from the words after them, which name packages.
func splitFlags(words []string) (flags []buildFlag, rest []string) {
	for len(words) > 0 {
		word := words[0]
		if !strings.HasPrefix(word, "-") || word == "-" {
			return flags, words
		}
		words = words[1:]
		f := buildFlag{}
		f.name, f.value, f.valued = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-"), "=")
		if !f.valued && !slices.Contains(boolFlags, f.name) && len(words) > 0 {
			f.value, f.valued, words = words[0], true, words[1:]
		}
		flags = append(flags, f)
	}
	return flags, nil
}

// goFlags takes the flags of a go build but for -o and -C, which are the caller's.
func (d *draft) goFlags(p at, b build, flags []buildFlag, resolve resolver) {
	for _, f := range flags {
		if f.name != "o" && f.name != "C" {
			d.goFlag(at{p.line, p.key + " -" + f.name}, b, f.name, f.value, f.valued, resolve)
		}
	}
}

// flagWords takes words that are flags of a go build and nothing else.
func (d *draft) flagWords(p at, b build, words []string) {
	flags, rest := splitFlags(words)
	d.goFlags(p, b, flags, d.template)
	for _, f := range flags {
		if f.name == "o" || f.name == "C" {
			d.lost(p, "a spec has no -%s", f.name)
		}
	}
	if len(rest) > 0 {
		d.lost(p, "%s is no flag", strings.Join(rest, " "))
	}
}

// goFlag takes one flag.
func (d *draft) goFlag(p at, b build, name, value string, valued bool, resolve resolver) {
	switch name {
	case "trimpath":
		d.dropped(p, "xbuild sets it always")
	case "buildvcs":
		if value == "false" {
			d.dropped(p, "xbuild sets it always")
		} else {
			d.lost(p, "it is always false; templates as {{.Revision}} say what is built")
		}
	case "ldflags":
		d.ldflags(p, b, value, resolve)
	case "tags":
		for _, tag := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(", \t\n", r) }) {
			d.set(p.sub(" %s", tag), b.key("tags"), b.in(func(s *spec.Build) { s.Tags = append(s.Tags, tag) }))
		}
	case "gcflags", "asmflags":
		d.toolFlags(p, b, name, value)
	case "buildmode":
		d.set(p, b.key(name), b.in(func(s *spec.Build) { s.BuildMode = value }))
	case "pgo":
		d.set(p, b.key(name), b.in(func(s *spec.Build) { s.PGO = value }))
	case "p":
		d.parallel(p, value)
	default:
		if slices.Contains(silentFlags, name) {
			d.dropped(p, "it only makes go build say more")
			return
		}
		flag := "-" + name
		if valued {
			flag += "=" + value
		}
		d.set(p, b.key("flags"), b.in(func(s *spec.Build) { s.Flags = append(s.Flags, flag) }))
	}
}

// toolFlags takes the value of -gcflags or -asmflags.
func (d *draft) toolFlags(p at, b build, name, value string) {
	words, err := goWords(value)
	if err != nil {
		d.lost(p, "%v", err)
		return
	}
	d.set(p, b.key(name), b.in(func(s *spec.Build) {
		if name == "gcflags" {
			s.GCFlags = append(s.GCFlags, words...)
		} else {
			s.ASMFlags = append(s.ASMFlags, words...)
		}
	}))
}

func (d *draft) parallel(p at, value string) {
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		d.lost(p, "it is no number")
		return
	}
	d.set(p, "go.parallel", func(s *spec.Spec) { s.Go.Parallel = int(n) })
}

// pairedFlags are the flags of the linker whose value may be the next word, as far as they
// are in use. https://pkg.go.dev/cmd/link
var pairedFlags = []string{"X", "B", "E", "H", "I", "L", "T", "R", "buildid", "extld", "extldflags", "linkmode", "r"}

// ldflags takes a text of linker flags, each for itself.
func (d *draft) ldflags(p at, b build, text string, resolve resolver) {
	var parts atoms
	masked, err := text, error(nil)
	if !hasAtom(text) { // else all in it that is not to be split is an atom already
		masked, err = parts.maskActions(text)
	}
	if err != nil {
		d.lost(p, "%v", err)
		return
	}
	words, err := goWords(masked)
	if err != nil {
		d.lost(p, "%v", err)
		return
	}
	for len(words) > 0 {
		n := 1
		if slices.Contains(pairedFlags, strings.TrimLeft(words[0], "-")) && len(words) > 1 {
			n = 2
		}
		var unit []string
		for _, w := range words[:n] {
			unit = append(unit, parts.restore(w))
		}
		words = words[n:]
		d.ldflag(p, b, unit, resolve)
	}
}

// ldflag takes a flag of the linker, whose value may be a word of its own.
func (d *draft) ldflag(p at, b build, unit []string, resolve resolver) {
	p = p.sub(" %s", strings.Join(unit, " "))
	name, _, _ := strings.Cut(strings.TrimLeft(unit[0], "-"), "=")
	switch {
	case unit[0] == "-s" || unit[0] == "-w":
		d.dropped(p, "xbuild sets it always")
		return
	case name == "extldflags" && isStatic(unit):
		d.static(p, b)
		return
	}
	for i, w := range unit {
		w, err := resolve(p, w)
		if err == nil {
			unit[i], err = goQuote(w)
		}
		if err != nil {
			d.lost(p, "%v", err)
			return
		}
	}
	flag := strings.Join(unit, " ")
	d.set(p, b.key("ldflags")+": "+flag, b.in(func(s *spec.Build) { s.LDFlags = append(s.LDFlags, flag) }))
}

// isStatic reports whether -extldflags asks for nothing but static linking.
func isStatic(unit []string) bool {
	text := strings.TrimLeft(strings.Join(unit, "="), "-")
	return strings.Trim(strings.TrimPrefix(text, "extldflags="), `"' `) == "-static"
}

// static takes the wish for a binary without shared libraries.
func (d *draft) static(p at, b build) {
	c := d.spec.Build.CGo
	if bin := d.spec.Binaries[b.name].CGo; bin != nil {
		c = bin
	}
	if c == nil || !c.Enabled {
		d.dropped(p, "without cgo every binary is static")
		return
	}
	d.set(p, b.key("cgo.static"), b.in(func(s *spec.Build) { s.CGo = &spec.CGo{Enabled: true, Static: true} }))
}

// goEnv are the variables of the download of modules, which all binaries share.
var goEnv = []string{"GOAUTH", "GOINSECURE", "GONOPROXY", "GONOSUMDB", "GOPRIVATE", "GOSUMDB", "GOVCS"}

// levelEnv are the variables of the keys of levels.
var levelEnv = map[string]func(*spec.Levels) *string{
	"GOAMD64":   func(l *spec.Levels) *string { return &l.GOAMD64 },
	"GOARM":     func(l *spec.Levels) *string { return &l.GOARM },
	"GOARM64":   func(l *spec.Levels) *string { return &l.GOARM64 },
	"GO386":     func(l *spec.Levels) *string { return &l.GO386 },
	"GOMIPS":    func(l *spec.Levels) *string { return &l.GOMIPS },
	"GOMIPS64":  func(l *spec.Levels) *string { return &l.GOMIPS64 },
	"GOPPC64":   func(l *spec.Levels) *string { return &l.GOPPC64 },
	"GORISCV64": func(l *spec.Levels) *string { return &l.GORISCV64 },
}

// buildEnv takes a variable of the environment that a build runs in.
func (d *draft) buildEnv(p at, b build, name, value string, resolve resolver) {
	level := levelEnv[name]
	switch {
	case name == "CGO_ENABLED":
		d.cgo(p, b, value)
		return
	case name == "CC" || name == "CXX" || name == "AR":
		d.lost(p, "xbuild chooses the C compiler by the platform; cgo.cc names another")
		return
	case name == "GOFLAGS":
		d.flagWords(p, b, strings.Fields(value))
		return
	case name == "GO111MODULE" && (value == "on" || value == "auto"):
		d.dropped(p, "a build always uses modules")
		return
	case name == "GOTOOLCHAIN" || name == "GOOS" || name == "GOARCH":
		d.lost(p, "xbuild sets it: go.version and platforms decide")
		return
	case name == "GOPROXY":
		d.set(p, "go.proxy", func(s *spec.Spec) { s.Go.Proxy = value })
		return
	case slices.Contains(goEnv, name):
		d.set(p, "go.env."+name, func(s *spec.Spec) { put(&s.Go.Env, name, value) })
		return
	case level != nil:
		d.set(p, b.key(strings.ToLower(name)), b.in(func(s *spec.Build) { *level(&s.Levels) = value }))
		return
	}
	value, err := resolve(p, value)
	if err != nil {
		d.lost(p, "%v", err)
		return
	}
	d.set(p, b.key("env."+name), b.in(func(s *spec.Build) { put(&s.Env, name, value) }))
}

func (d *draft) cgo(p at, b build, value string) {
	switch value {
	case "0":
		d.dropped(p, "cgo is off unless a spec turns it on")
	case "1":
		d.set(p, b.key("cgo"), b.in(func(s *spec.Build) { s.CGo = &spec.CGo{Enabled: true} }))
	default:
		d.lost(p, "cgo is on or off: write cgo: true where it is needed")
	}
}
