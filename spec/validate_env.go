package spec

import (
	"regexp"
	"strings"
)

const toolEnvForm = "letters, digits and _, first no digit"

var (
	toolEnvRE  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	imageEnvRE = regexp.MustCompile(`^[!-<>-~]+$`) // printable ASCII but = and the space
)

// reservedEnv are the variables that xbuild sets, with what to write instead.
var reservedEnv = map[string]string{
	"GOOS":              "use platforms",
	"GOARCH":            "use platforms",
	"GOHOSTOS":          "the builder decides it",
	"GOHOSTARCH":        "the builder decides it",
	"CGO_ENABLED":       "use the key cgo",
	"GOFLAGS":           "use the key flags",
	"GO111MODULE":       "a build always uses modules",
	"GOTOOLCHAIN":       "use go.version or go.image",
	"GOROOT":            "use go.version or go.image",
	"GOPATH":            "xbuild keeps the modules in a cache of its own",
	"GOMODCACHE":        "xbuild keeps the modules in a cache of its own",
	"GOCACHE":           "xbuild keeps compiled packages in a cache of its own",
	"GOCACHEPROG":       "xbuild keeps compiled packages in a cache of its own",
	"GOENV":             "use go.env",
	"GOPROXY":           "use go.proxy",
	"GOTMPDIR":          "xbuild sets it",
	"HOME":              "xbuild sets it",
	"PATH":              "xbuild takes it from the toolchain's image",
	"SOURCE_DATE_EPOCH": "use the build arg SOURCE_DATE_EPOCH",
}

// downloadEnv are the variables that only the download of modules reads, which
// all binaries share.
var downloadEnv = map[string]bool{
	"GOAUTH": true, "GOINSECURE": true, "GONOPROXY": true, "GONOSUMDB": true, "GOPRIVATE": true,
	"GOSUMDB": true, "GOVCS": true,
}

// toolEnv checks the environment of every step that runs the go command.
func (v *validator) toolEnv(at keyPath, env map[string]string) {
	v.env(at, env, toolEnvRE, toolEnvForm)
	for name := range each(env) {
		instead := reservedEnv[name]
		for _, l := range levels {
			if name == l.env() {
				instead = "use the key " + l.key
			}
		}
		if instead != "" {
			v.key(at.to(name), "reserved-env", "", "%s can't be set here: %s", name, instead)
		}
	}
}

// buildEnv checks the environment of a compile step.
func (v *validator) buildEnv(at keyPath, env map[string]string) {
	v.toolEnv(at, env)
	for name := range each(env) {
		if downloadEnv[name] {
			v.key(at.to(name), "reserved-env", "", "%s can't be set here: all binaries share one download of modules, use go.env", name)
		}
	}
}

func (v *validator) env(at keyPath, env map[string]string, legal *regexp.Regexp, form string) {
	for name, value := range each(env) {
		if !legal.MatchString(name) {
			v.key(at.to(name), "bad-env", "", "%s can't name a variable: %s", quote(name), form)
		}
		if strings.ContainsAny(value, "\x00\n\r") {
			v.value(at.to(name), "bad-env", "", "the value of %s holds a line break or a NUL", quote(name))
		}
	}
}
