package plan

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// compileFlags are those of go build that decide how every package is compiled.
// https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func (bin binary) compileFlags() []string {
	flags := []string{"-buildvcs=false"}
	if !bin.test { // tests may look for their files by their own path
		flags = []string{"-trimpath", "-buildvcs=false"}
	}
	flags = append(flags, bin.Flags...)
	if bin.parallel > 0 {
		flags = append(flags, fmt.Sprintf("-p=%d", bin.parallel))
	}
	if len(bin.Tags) > 0 {
		flags = append(flags, "-tags="+strings.Join(bin.Tags, ","))
	}
	gcflags := bin.GCFlags
	if bin.debug {
		gcflags = append(slices.Clone(gcflags), "all=-N -l")
	}
	flags = append(flags, perPattern("-gcflags=", gcflags)...)
	flags = append(flags, perPattern("-asmflags=", bin.ASMFlags)...)
	if bin.BuildMode != "" && bin.BuildMode != "default" && !bin.test {
		flags = append(flags, "-buildmode="+bin.BuildMode)
	}
	if bin.PGO != "" && bin.PGO != "auto" && !bin.test {
		flags = append(flags, "-pgo="+bin.pgo())
	}
	return flags
}

// pgo is the value of go build's -pgo, whose paths are relative to where it runs.
func (bin binary) pgo() string {
	if bin.PGO == "off" {
		return "off"
	}
	up := ""
	if bin.dir != "." {
		up = strings.Repeat("../", len(strings.Split(bin.dir, "/")))
	}
	return up + path.Clean(bin.PGO)
}

// depsFlags are the compile flags of the packages that the binary imports: compiler flags
// without a pattern are for its main package alone, and where a profile is, the step knows.
func (bin binary) depsFlags() []string {
	return slices.DeleteFunc(bin.compileFlags(), func(f string) bool {
		return strings.HasPrefix(f, "-gcflags=-") || strings.HasPrefix(f, "-asmflags=-") || flagNamed(f, "pgo")
	})
}

// stdFlags are the deps flags that mean something without a module.
func (bin binary) stdFlags() []string {
	return slices.DeleteFunc(bin.depsFlags(), func(f string) bool {
		return flagNamed(f, "mod") || flagNamed(f, "modfile") || flagNamed(f, "modcacherw")
	})
}

// flagNamed reports whether f is that flag, with one dash or two, with a value or none.
func flagNamed(f, name string) bool {
	flag, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(f, "-"), "-"), "=")
	return flag == name && strings.HasPrefix(f, "-")
}

// flag gives the value of the last of the binary's flags of that name, "" without one.
func (bin binary) flag(name string) (value string) {
	for _, f := range bin.Flags {
		if flagNamed(f, name) {
			_, value, _ = strings.Cut(f, "=")
		}
	}
	return value
}

// perPattern makes one flag for each package pattern (`all=-N`); an element without
// one belongs to the flag before it, since of two flags for a package go takes the last.
func perPattern(flag string, list []string) []string {
	var out []string
	for _, s := range list {
		if len(out) == 0 || hasPattern(s) {
			out = append(out, flag+s)
			continue
		}
		out[len(out)-1] += " " + s
	}
	return out
}

// hasPattern tells `all=-N` from `-d=panic`, and from the value of the flag before it, as `N=1`.
func hasPattern(s string) bool {
	pattern, flags, ok := strings.Cut(s, "=")
	return ok && !strings.HasPrefix(pattern, "-") && (flags == "" || strings.ContainsAny(flags[:1], "-'\""))
}
