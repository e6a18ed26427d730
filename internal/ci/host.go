package ci

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Host is what a pipeline without containers runs.
type Host struct {
	// Build and Test are plans of the targets binaries and test whose stamp is Placeholders(0),
	// Again is that of binaries with Placeholders(1).
	Build, Again, Test *plan.Plan
}

// Placeholders stand in a plan for what only the pipeline knows: the request's Version, Revision
// and Source. Their forms differ, so that a template which takes them apart is found out.
func Placeholders(form int) (version, revision, source string) {
	c := string("ab"[form])
	return "xbuildVERSION" + strings.Repeat(c, 3+form), "xbuildSHORT" + c + "xbuildREVISION" + strings.Repeat(c, 3+form), "xbuildSOURCE" + strings.Repeat(c, 3+form)
}

// stamped is a shell's word for text with placeholders.
func stamped(s string, form int) (word string, found bool) {
	version, revision, source := Placeholders(form)
	for _, p := range []struct{ placeholder, variable string }{
		{version, "$VERSION"}, {revision, "$REVISION"}, {revision[:12], "$SHORT_REVISION"}, {source, "$SOURCE"},
	} {
		before, after, ok := strings.Cut(s, p.placeholder)
		if !ok {
			continue
		}
		word = `"` + p.variable + `"`
		if before != "" {
			b, _ := stamped(before, form)
			word = b + word
		}
		if after != "" {
			a, _ := stamped(after, form)
			word += a
		}
		return word, true
	}
	return quote(s), false
}

// script are the commands that build all binaries of a platform, which $PLATFORM names, into
// the folder dist.
func (h *Host) script() (string, error) {
	first, stampedAny, err := buildScript(h.Build, 0)
	if err != nil {
		return "", err
	}
	again, _, err := buildScript(h.Again, 1)
	if err != nil {
		return "", err
	}
	if first != again {
		return "", fmt.Errorf("a template of the spec takes a version, revision or source apart, which only the pipeline knows: build with containers")
	}
	if stampedAny {
		first = `SHORT_REVISION=$(printf %.12s "$REVISION")` + "\n" + `VERSION=${VERSION:-$SHORT_REVISION}` + "\n" + first
	}
	return first, nil
}

func buildScript(p *plan.Plan, form int) (script string, stampedAny bool, err error) {
	steps := compiles(p)
	if err := noC(steps); err != nil {
		return "", false, err
	}
	shared := sharedEnv(steps)
	var out strings.Builder
	out.WriteString("export")
	for _, kv := range shared {
		out.WriteString(" " + quote(kv))
	}
	out.WriteString("\ncase \"$PLATFORM\" in\n")
	for _, t := range p.Targets {
		fmt.Fprintf(&out, "%s)\n", quote(dashed(t.Platform)))
		for _, c := range targetSteps(p, t) {
			line, stamped := goBuild(c, t.Platform, shared, form)
			stampedAny = stampedAny || stamped
			out.WriteString("  " + line + "\n")
		}
		out.WriteString("  ;;\n")
	}
	out.WriteString("*)\n  echo \"no such platform: $PLATFORM\" >&2\n  exit 1\n  ;;\nesac\n")
	return out.String(), stampedAny, nil
}

// compiles are the steps that link a binary.
func compiles(p *plan.Plan) (out []plan.Compile) {
	for _, t := range p.Targets {
		out = append(out, targetSteps(p, t)...)
	}
	return out
}

func targetSteps(p *plan.Plan, t plan.Target) (out []plan.Compile) {
	for _, id := range t.Layers {
		layer, ok := p.Steps[id].(plan.Layer)
		if !ok {
			continue
		}
		c, ok := p.Steps[layer.From].(plan.Compile)
		if link, isLink := p.Steps[layer.From].(plan.Link); isLink {
			c, ok = link.Compile, true
		}
		if ok && !slices.ContainsFunc(out, func(o plan.Compile) bool { return o.Binary == c.Binary }) {
			out = append(out, c)
		}
	}
	return out
}

// noC refuses binaries that take a C compiler for their target.
func noC(steps []plan.Compile) error {
	for _, c := range steps {
		if slices.Contains(c.Env, "CGO_ENABLED=1") {
			return fmt.Errorf("binary %q has cgo, for which a host lacks the C compilers of other platforms: build with containers", c.Binary)
		}
	}
	return nil
}

// hostEnv is the environment of a step as a host sets it: the go command's own index of
// packages is right there.
func hostEnv(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool { return strings.HasPrefix(kv, "GODEBUG=goindex=") })
}

// sharedEnv is what the environments of all steps have.
func sharedEnv(steps []plan.Compile) (out []string) {
	for i, c := range steps {
		if i == 0 {
			out = hostEnv(c.Env)
			continue
		}
		out = slices.DeleteFunc(out, func(kv string) bool { return !slices.Contains(c.Env, kv) })
	}
	return out
}

// goBuild is the command line that makes a binary.
func goBuild(c plan.Compile, p ocispecs.Platform, shared []string, form int) (line string, found bool) {
	var words []string
	add := func(s string) {
		word, ok := stamped(s, form)
		found = found || ok
		words = append(words, word)
	}
	for _, kv := range hostEnv(c.Env) {
		if !slices.Contains(shared, kv) {
			name, value, _ := strings.Cut(kv, "=")
			word, ok := stamped(value, form)
			found = found || ok
			words = append(words, name+"="+word)
		}
	}
	words = append(words, "go", "build")
	if c.Dir != "." {
		words = append(words, "-C", quote(c.Dir))
	}
	for _, f := range c.Flags {
		add(f)
	}
	words = append(words, "-o", `"$PWD"/dist/`+quote(distName(c, p)), quote(c.Package))
	return strings.Join(words, " "), found
}

// distName is the name of a binary among those of all platforms, as the target dist has it.
func distName(c plan.Compile, p ocispecs.Platform) string {
	return c.Binary + "-" + dashed(p) + strings.TrimPrefix(c.Output, c.Binary)
}

// dashed is a platform as a part of names: linux-arm64.
func dashed(p ocispecs.Platform) string { return strings.ReplaceAll(platforms.Format(p), "/", "-") }

// tests are the commands of go vet and go test.
func (h *Host) tests() string {
	var out strings.Builder
	for _, s := range h.Test.Steps {
		t, ok := s.(plan.Test)
		if !ok {
			continue
		}
		var env []string
		for _, kv := range hostEnv(t.Env) {
			name, _, _ := strings.Cut(kv, "=")
			if name != "GOOS" && name != "GOARCH" { // the runner's own
				env = append(env, quote(kv))
			}
		}
		for _, command := range t.Commands {
			words := append(slices.Clone(env), quote(command[0]), quote(command[1]))
			if t.Dir != "." {
				words = append(words, "-C", quote(t.Dir))
			}
			for _, w := range command[2:] {
				words = append(words, quote(w))
			}
			out.WriteString(strings.Join(words, " ") + "\n")
		}
	}
	return out.String()
}

// platforms are those that binaries are built for.
func (h *Host) platforms() (out []string) {
	for _, t := range h.Build.Targets {
		out = append(out, dashed(t.Platform))
	}
	return out
}

// goVersion is that of the toolchain, "" when only its image says it.
func (h *Host) goVersion() string {
	tag, ok := strings.CutPrefix(h.Build.Toolchain.Image, "golang:")
	if !ok {
		return ""
	}
	tag, _, _ = strings.Cut(tag, "@")
	return strings.TrimSuffix(tag, "-alpine")
}

// goMod is the file that names the Go version.
func (p *Project) goMod() string { return path.Join(p.Context, p.Host.Build.Toolchain.GoFile) }

// in gives a script that runs in the build context.
func (p *Project) in(script string) string {
	if p.Context == "." {
		return script
	}
	return "cd " + quote(p.Context) + "\n" + script
}
