package makefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const header = `# Builds the binaries on this machine, without containers. Written by gen make: change the spec and
# run that again; gen make --check says whether it is due. Needs GNU make 4.0; make help lists the targets.
#
# The go command is asked about every binary. It compiles and links what differs by content, whatever
# the times of files say, and nothing else; a file in dist is written when its content is another.
# make V=1 shows the commands, and which packages are compiled.

GO ?= go

.PHONY: all
all: %s
`

// machine keeps what compiles from what a person has set.
const machine = `
# What people set for themselves reaches no binary. It says where caches and modules are.
env := %s
unexport %s
$(foreach v,%s,$(eval export $(v) := $$(shell $$(GO) env $(v))))
`

// levelEnv are the variables that make other binaries where the spec does not set them.
var levelEnv = []string{
	"GO111MODULE", "GO386", "GOAMD64", "GOARM", "GOARM64", "GODEBUG", "GOEXPERIMENT", "GOFIPS140", "GOMIPS", "GOMIPS64",
	"GOPPC64", "GORISCV64", "GOWASM", "GOWORK",
}

const functions = `
Q := $(if $(V),,@)
files := %s
# Goals that are all files build no more than those: asked gives what of a list of FILE=PACKAGE it is.
goals := $(if $(filter-out $(files),$(MAKECMDGOALS)),,$(MAKECMDGOALS))
asked = $(foreach p,$(1),$(if $(goals),$(if $(filter $(firstword $(subst =, ,$(p))),$(goals)),$(lastword $(subst =, ,$(p)))),$(lastword $(subst =, ,$(p)))))
install = cmp -s $(1) $@ || { cp $(1) $@.new && mv -f $@.new $@ && echo $@; }
`

func (m *emitter) write() []byte {
	var out strings.Builder
	var names []string
	for _, g := range m.groups {
		if p := g.platform(); !slices.Contains(names, p) {
			names = append(names, p)
		}
	}
	fmt.Fprintf(&out, header, strings.Join(names, " "))
	fmt.Fprintf(&out, machine, strings.Join(m.commonEnv(), " "), strings.Join(levelEnv, " "), strings.Join(machineEnv, " "))
	m.writeVariables(&out)
	m.writeCompilers(&out)
	fmt.Fprintf(&out, functions, strings.Join(m.files(), " "))
	for _, name := range names {
		m.writePlatform(&out, name)
	}
	m.writeTests(&out)
	m.writeRest(&out, names)
	return []byte(out.String())
}

// commonEnv is what all commands have.
func (m *emitter) commonEnv() []string {
	common := []string{"GODEBUG=goindex=0", "GOENV=off", "GOFLAGS=", "GOTOOLCHAIN=local"}
	if m.facts.Work == nil {
		common = append(common, "GOWORK=off") // that of a folder above is not the project's
	}
	return common
}

// command writes a go command that runs in a directory, for a source that is dirty or not.
func (m *emitter) command(dir text, env []text, dirty bool, words ...string) string {
	line := "$(env)"
	if d := dir.String(); d != "." {
		line = "cd " + recipe(dir.clean) + " && $(env)"
	}
	return strings.Join(append([]string{line}, append(m.assignments(env, dirty), words...)...), " ")
}

func (m *emitter) assignments(env []text, dirty bool) (out []string) {
	for _, t := range env {
		if a := assignment(t.pieces(dirty)); !slices.Contains(m.commonEnv(), a) {
			out = append(out, a)
		}
	}
	return out
}

// files are all in dist.
func (m *emitter) files() (out []string) {
	for _, b := range m.work.binaries {
		for _, f := range b.files {
			out = append(out, "dist/"+f.name)
		}
	}
	return out
}

// builtFiles are those that the target of a platform makes, "" is of all: one that needs a C compiler is
// there where there is one.
func (m *emitter) builtFiles(platform, prefix string) string {
	var plain, compilers []string
	withC := map[string][]string{} // by the variable of the compiler
	for _, b := range m.work.binaries {
		if platform != "" && platforms.Format(b.platform) != platform {
			continue
		}
		cc := ccVariable("CC", b.platform)
		for _, f := range b.files {
			switch {
			case !b.needsCC():
				plain = append(plain, prefix+f.name)
				continue
			case withC[cc] == nil:
				compilers = append(compilers, cc)
			}
			withC[cc] = append(withC[cc], prefix+f.name)
		}
	}
	for _, cc := range compilers {
		plain = append(plain, fmt.Sprintf("$(if $(%s),%s)", cc, strings.Join(withC[cc], " ")))
	}
	return strings.Join(plain, " ")
}

func (m *emitter) writePlatform(out *strings.Builder, name string) {
	fmt.Fprintf(out, "\n# %s\n.PHONY: %s\n%s: %s\n", name, name, name, m.builtFiles(name, "dist/"))
	var skipped []string
	cc := ""
	for _, b := range m.work.binaries {
		if platforms.Format(b.platform) == name && b.needsCC() {
			cc = ccVariable("CC", b.platform)
			for _, f := range b.files {
				skipped = append(skipped, "dist/"+f.name)
			}
		}
	}
	if cc != "" {
		fmt.Fprintf(out, "\t@$(if $(%s),:,echo \"left out for want of a C compiler: %s; name it with %s=…\" >&2)\n", cc, strings.Join(skipped, " "), cc)
	}
	for _, g := range m.groups {
		if g.platform() == name {
			m.writeGroup(out, g)
		}
	}
}

// writeGroup writes the rule of one go build, and those of the files that come of it.
func (m *emitter) writeGroup(out *strings.Builder, g group) {
	first := g.binaries[0]
	fmt.Fprintf(out, "\n.PHONY: .go/%s\n.go/%s:%s\n", g.name, g.name, m.after(g))
	if first.needsCC() {
		cc := ccVariable("CC", first.platform)
		fmt.Fprintf(out, "\t@$(if $(%s),:,echo \"there is no C compiler for %s; name it with %s=…\" >&2; exit 1)\n", cc, g.platform(), cc)
	}
	writeCommand(out, m.build(g, false), m.build(g, true))
	for _, b := range g.binaries {
		for _, f := range b.files {
			fmt.Fprintf(out, "dist/%s: .go/%s\n\t@$(call install,dist/.go/%s/%s)\n", f.name, g.name, g.name, f.from)
		}
	}
}

// writeCommand writes a command of a recipe: one for a clean source, one for a dirty one.
func writeCommand(out *strings.Builder, clean, dirty string) {
	if clean == dirty {
		fmt.Fprintf(out, "\t$(Q)%s\n", clean)
		return
	}
	fmt.Fprintf(out, "ifeq ($(%s),true)\n\t$(Q)%s\nelse\n\t$(Q)%s\nendif\n", varDirty, dirty, clean)
}

// after is what a group waits for where it is made too: the first that may compile the same packages.
func (m *emitter) after(g group) string {
	for _, first := range m.groups {
		if first.name == g.name {
			return ""
		}
		a, b := first.binaries[0], g.binaries[0]
		if first.platform() == g.platform() && !a.needsCC() && !b.needsCC() && slices.EqualFunc(a.env, b.env, text.equal) {
			return fmt.Sprintf(" | $(if $(strip %s),.go/%s)", first.asked(), first.name)
		}
	}
	return ""
}

// asked are the packages of the group that the goals ask for, as make says it.
func (g group) asked() string {
	var pairs []string
	for _, b := range g.binaries {
		pairs = append(pairs, "dist/"+b.files[0].name+"="+b.pkg)
	}
	return "$(call asked," + strings.Join(pairs, " ") + ")"
}

// build is the command of one go build.
func (m *emitter) build(g group, dirty bool) string {
	first := g.binaries[0]
	var words []string
	if first.needsCC() {
		cc, cxx := ccVariable("CC", first.platform), ccVariable("CXX", first.platform)
		words = append(words, fmt.Sprintf("CC='$(%s)' $(if $(%s),CXX='$(%s)')", cc, cxx, cxx))
	}
	words = append(words, "\\\n\t$(GO) build $(if $(V),-v)")
	for _, f := range first.flags {
		words = append(words, recipe(f.pieces(dirty)))
	}
	target := strings.Repeat("../", depth(first.dir.String())) + "dist/.go/" + g.name + "/"
	if first.library {
		target += first.made
	}
	packages := first.pkg
	if len(g.binaries) > 1 {
		packages = g.asked()
	}
	return m.command(first.dir, first.env, dirty, append(words, "\\\n\t-o", target, packages)...)
}

// depth counts the elements of a path.
func depth(dir string) int {
	if dir == "." {
		return 0
	}
	return strings.Count(dir, "/") + 1
}

func (m *emitter) writeTests(out *strings.Builder) {
	for _, target := range []string{plan.TargetTest, plan.TargetVet} {
		fmt.Fprintf(out, "\n.PHONY: %s\n%s:\n", target, target)
		for _, t := range m.work.tests {
			if t.target != target {
				continue
			}
			env := slices.DeleteFunc(slices.Clone(t.env), func(t text) bool {
				key, _, _ := strings.Cut(t.clean[0].literal, "=")
				return key == "GOOS" || key == "GOARCH"
			})
			for _, c := range t.commands {
				words := []string{"$(GO)"}
				for _, w := range c[1:] {
					words = append(words, recipe(w.clean))
				}
				writeCommand(out, m.command(t.dir, env, false, words...), m.command(t.dir, env, true, words...))
			}
		}
	}
}

const rest = `
SHA256SUM ?= $(if $(shell command -v sha256sum),sha256sum,shasum -a 256)
.PHONY: checksums
checksums: all
	@cd dist && $(SHA256SUM) $(sort %s) > SHA256SUMS

.PHONY: clean
clean:
	$(Q)rm -rf dist/.go
	$(Q)rm -f dist/SHA256SUMS $(files)
	@rmdir dist 2>/dev/null || true

.PHONY: help
help:
	@echo 'make [-j]        every binary for every platform'
	@echo 'make PLATFORM    those of %s'
	@echo 'make FILE        one of:'
	@printf '                   %%s\n' $(files)
	@echo 'make test, vet   what the targets of the spec run, on this machine'
	@echo 'make checksums   all, and dist/SHA256SUMS'
	@echo 'make clean       remove what was made'
`

func (m *emitter) writeRest(out *strings.Builder, names []string) {
	fmt.Fprintf(out, rest, m.builtFiles("", ""), strings.Join(names, ", "))
	for _, v := range m.variables {
		if v.name != varShort {
			fmt.Fprintf(out, "\t@echo 'make %s=…%s what is stamped, it is now:' \"$$%s\"\n", v.name, strings.Repeat(" ", max(1, 10-len(v.name))), v.name)
		}
	}
}

// ccVariable names the variable that has a compiler for a platform: CC_linux_arm64.
func ccVariable(kind string, p ocispecs.Platform) string {
	return kind + "_" + strings.NewReplacer("/", "_", ".", "_").Replace(platforms.Format(p))
}
