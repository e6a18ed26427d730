package makefile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// writeVariables writes the variables that hold what is stamped.
func (m *emitter) writeVariables(out *strings.Builder) {
	if len(m.variables) == 0 {
		return
	}
	has := func(name string) bool {
		return slices.ContainsFunc(m.variables, func(v variable) bool { return v.name == name })
	}
	fmt.Fprintf(out, "\n# What is stamped into binaries: make VERSION=v1.2.3\n")
	var names, ldflags, defaults []string
	for _, v := range m.variables {
		if text := m.defaultOf(v.name); text != "" {
			defaults = append(defaults, text)
		}
		names = append(names, v.name)
		if v.ldflag && v.name != varShort {
			ldflags = append(ldflags, v.name)
		}
	}
	lines := strings.Join(defaults, "\n") + "\n"
	if strings.Contains(lines, "$(empty)") {
		lines = "empty :=\n" + lines
	}
	if strings.Contains(lines, "$(hash)") {
		lines = "hash := \\#\n" + lines
	}
	out.WriteString(lines)
	for _, name := range names {
		if name != varShort && name != varDate {
			fmt.Fprintf(out, "%s := $(%s)\n", name, name)
		}
	}
	fmt.Fprintf(out, "export %s\n", strings.Join(names, " "))
	if len(ldflags) > 0 {
		fmt.Fprintf(out, "$(foreach v,%s,$(if $(or $(findstring ',$($(v))),$(findstring \",$($(v)))),$(error $(v) holds a quote, which flags of the linker can't have)))\n", strings.Join(ldflags, " "))
	}
	if has(varShort) {
		fmt.Fprintf(out, "%s := $(shell printf %%.12s '$(REVISION)')\n", varShort)
	}
}

// defaultOf is the line that sets a variable where nobody else has.
func (m *emitter) defaultOf(name string) string {
	switch name {
	case varVersion:
		if m.req.Version != "" {
			return varVersion + " ?= " + value(m.req.Version)
		}
		return varVersion + " ?= $(or $(shell git describe --tags --always --abbrev=12 2>/dev/null),devel)"
	case varSource:
		return varSource + ` ?= $(shell git config --get remote.origin.url | sed 's,//[^/@]*@,//,')`
	case varDirty:
		return varDirty + " ?= $(if $(shell git status --porcelain --untracked-files=no 2>/dev/null),true,false)"
	case varDate:
		return fmt.Sprintf("SOURCE_DATE_EPOCH ?= %s\n%s := $(shell date -u -d '@$(SOURCE_DATE_EPOCH)' +%%Y-%%m-%%dT%%H:%%M:%%SZ 2>/dev/null || date -u -r '$(SOURCE_DATE_EPOCH)' +%%Y-%%m-%%dT%%H:%%M:%%SZ)",
			cmp.Or(m.req.Epoch, "0"), varDate)
	case varRevision:
		return varRevision + " ?= $(shell git rev-parse HEAD 2>/dev/null)"
	case varShort:
		return ""
	}
	return name + " ?= " + value(argDefault(m.spec, m.req, strings.TrimPrefix(name, argPrefix)))
}

// needsCC reports whether a C compiler makes the binary that the spec's environment does not name.
func (b binary) needsCC() bool {
	return b.cc != nil && !slices.ContainsFunc(b.env, func(t text) bool { return strings.HasPrefix(t.clean[0].literal, "CC=") })
}

// namesCC is 0 where the spec names the binary's compiler, else 1.
func (b binary) namesCC() int {
	if b.cc != nil && b.cc.CC != "" {
		return 0
	}
	return 1
}

// writeCompilers writes the variables that name C compilers.
func (m *emitter) writeCompilers(out *strings.Builder) {
	var seen []string
	named := slices.SortedStableFunc(slices.Values(m.work.binaries), func(a, b binary) int {
		return cmp.Compare(a.namesCC(), b.namesCC()) // of two for a platform the one that names a compiler is the first
	})
	for _, b := range named {
		cc := ccVariable("CC", b.platform)
		if !b.needsCC() || slices.Contains(seen, cc) {
			continue
		}
		if len(seen) == 0 {
			fmt.Fprint(out, compilers)
		}
		seen = append(seen, cc)
		out.WriteString(b.compilers())
	}
}

const compilers = `
# C compilers: the machine's own for its own platform; name others.
host := $(shell $(GO) env GOHOSTOS)/$(shell $(GO) env GOHOSTARCH)
`

// compilers are the lines that set the variables of the binary's platform where nobody else has.
func (b binary) compilers() string {
	var own [2]string
	switch b.cc.CC {
	case "zig":
		return fmt.Sprintf("%s ?= zig cc -target %s\n%s ?= zig c++ -target %s\n",
			ccVariable("CC", b.platform), b.cc.Zig, ccVariable("CXX", b.platform), b.cc.Zig)
	case "":
		own = [2]string{"$(shell $(GO) env CC)", "$(shell $(GO) env CXX)"}
	case "gcc":
		own = [2]string{"gcc", "g++"}
	case "clang":
		own = [2]string{"clang", "clang++"}
	default:
		own = [2]string{b.cc.CC, ""}
	}
	var out strings.Builder
	for i, kind := range []string{"CC", "CXX"} {
		fmt.Fprintf(&out, "%s ?= $(if $(filter %s/%s,$(host)),%s)\n", ccVariable(kind, b.platform), b.platform.OS, b.platform.Architecture, own[i])
	}
	return out.String()
}
