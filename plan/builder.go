package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/mod/module"
)

// builder collects a plan and the mistakes met on the way.
type builder struct {
	spec  *spec.Spec
	facts *scan.Facts
	req   Request

	plan     Plan
	args     map[string]string // of the spec, as the request sets them
	named    map[string]binary // as the target has them built
	ids      map[string]StepID // of each step by its content, so that none is there twice
	errs     diag.List
	warnings diag.List

	context, source StepID
}

func newBuilder(s *spec.Spec, facts *scan.Facts, req Request) *builder {
	return &builder{spec: s, facts: facts, req: req, ids: map[string]StepID{}}
}

// warn adds a warning, once, unless the spec skips its rule.
func (b *builder) warn(pos diag.Pos, rule, format string, args ...any) {
	w := &diag.Error{Pos: pos, Rule: rule, Msg: fmt.Sprintf(format, args...)}
	if !slices.Contains(b.spec.Checks.Skip, rule) && !slices.ContainsFunc(b.warnings, func(o *diag.Error) bool { return *o == *w }) {
		b.warnings = append(b.warnings, w)
	}
}

// add gives the id of the step, which is appended if no equal one is there.
func (b *builder) add(s Step) StepID {
	data, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("plan: step %T is not plain data: %v", s, err))
	}
	key := fmt.Sprintf("%T%s", s, data)
	if id, ok := b.ids[key]; ok {
		return id
	}
	id := StepID(len(b.plan.Steps))
	b.plan.Steps = append(b.plan.Steps, s)
	b.ids[key] = id
	return id
}

// checkModules reports the go.work and go.mod files that can't be read and that the
// project or a binary needs. Others do no harm: an empty go.mod is a way to keep a
// folder out of the module around it.
func (b *builder) checkModules(binaries map[string]binary) {
	var problems []string
	needed := map[string]bool{}
	for _, bin := range binaries {
		needed[bin.module] = true
	}
	if w := b.facts.Work; w != nil {
		problems = w.Problems
		for _, dir := range w.Use {
			needed[dir] = true
		}
	} else {
		needed["."] = true
	}
	for _, m := range b.facts.Modules {
		if needed[m.Dir] {
			problems = append(problems[:len(problems):len(problems)], m.Problems...)
		}
	}
	for _, p := range problems {
		b.errs.Add(diag.Pos{File: b.spec.Filename()}, "bad-module", "%s", p)
	}
}

// latestEpoch is the last second, in 2262, that LLB's nanoseconds can say.
const latestEpoch = math.MaxInt64 / int64(time.Second)

func (b *builder) epoch() {
	if b.req.Epoch == "" {
		return
	}
	n, err := strconv.ParseUint(b.req.Epoch, 10, 63) // takes no sign
	if err != nil || int64(n) > latestEpoch {
		b.errs.Add(diag.Pos{File: b.spec.Filename()}, "bad-epoch",
			"build arg SOURCE_DATE_EPOCH is %q, not a number of seconds since 1970", b.req.Epoch)
		return
	}
	b.plan.Epoch = int64(n)
}

// requested gives the platforms of a request, normalized. The target dist is for those of
// the spec when the request names none.
func requested(s *spec.Spec, req Request) []ocispecs.Platform {
	if len(req.Platforms) == 0 {
		if list := Supported(s); req.Target == TargetDist && len(list) > 0 {
			return list
		}
		return []ocispecs.Platform{platforms.Normalize(req.BuildPlatform)}
	}
	out := make([]ocispecs.Platform, len(req.Platforms))
	for i, p := range req.Platforms {
		out[i] = platforms.Normalize(p)
	}
	return out
}

// platforms gives those of the request, each of them checked against Go's and
// against the spec's own list.
func (b *builder) platforms() []ocispecs.Platform {
	list := requested(b.spec, b.req)
	allowed := b.allowed()
	for _, p := range list {
		name := platforms.Format(p)
		if _, err := spec.ParsePlatform(name); err != nil {
			b.errs.Add(diag.Pos{File: b.spec.Filename()}, "bad-platform", "the request asks for %s: %v", name, err)
			continue
		}
		if len(allowed) > 0 && !slices.ContainsFunc(allowed, func(a ocispecs.Platform) bool { return serves(a, p) }) {
			asked := "the request asks for " + name
			if len(b.req.Platforms) == 0 {
				asked = "the request names no platform, so it is the builder's own, " + name
			}
			b.errs.Add(b.spec.Pos("platforms"), "platform-not-supported", "%s, which is not among platforms: %s",
				asked, strings.Join(b.spec.Platforms, ", "))
		}
	}
	return list
}

func (b *builder) allowed() []ocispecs.Platform { return Supported(b.spec) }

// Supported are the platforms of the spec.
func Supported(s *spec.Spec) []ocispecs.Platform {
	var list []ocispecs.Platform
	for _, name := range s.Platforms {
		if p, err := spec.ParsePlatform(name); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// serves reports whether a platform that the spec supports covers the requested
// one: a level of amd64 or arm64 is covered by the architecture itself.
func serves(allowed, p ocispecs.Platform) bool {
	if allowed.OS != p.OS || allowed.Architecture != p.Architecture {
		return false
	}
	return allowed.Variant == p.Variant || allowed.Variant == "" && p.Architecture != "arm"
}

// mainsByDefault are the main packages that the project consists of: those of the
// workspace, else of the module at the root, else of every module.
func (b *builder) mainsByDefault() []scan.Main {
	in := func(m scan.Main) bool { return true }
	switch {
	case b.facts.Work != nil:
		in = func(m scan.Main) bool { return slices.Contains(b.facts.Work.Use, m.Module) }
	case b.facts.ModuleOf(".") == ".":
		in = func(m scan.Main) bool { return m.Module == "." }
	}
	var out []scan.Main
	for _, m := range b.facts.Mains {
		if in(m) {
			out = append(out, m)
		}
	}
	return out
}

// projectName is the spec's, else the last element of the module path without its
// major version.
func (b *builder) projectName(module string) string {
	if b.spec.Name != "" {
		return b.spec.Name
	}
	name := "app"
	for _, m := range b.facts.Modules {
		if m.Dir == module && m.Path != "" {
			name = lastElement(m.Path)
		}
	}
	return name
}

func lastElement(modulePath string) string {
	if prefix, _, ok := module.SplitPathVersion(modulePath); ok {
		modulePath = prefix
	}
	return path.Base(modulePath)
}

// target gives the binaries that the request needs, in the order of the image, and
// the image itself, nil for a built-in target.
func (b *builder) target(binaries map[string]binary, images map[string]image) ([]string, *image) {
	t, pos := b.req.Target, diag.Pos{File: b.spec.Filename()}
	if t == "" {
		if t = b.defaultTarget(images); b.spec.Default != "" {
			pos = b.spec.Pos("default")
		}
	}
	b.plan.Target = t
	switch img, ok := images[t]; {
	case spec.IsBuiltinTarget(t):
		return sortedKeys(binaries), nil
	case ok:
		return img.binaryNames(), &img
	case t == "":
		b.errs.Add(b.spec.Pos("images"), "no-target",
			"several images and no default: name one with --target, or in the spec as default\n%s", lines(b.list(images)))
	default:
		var known []string
		for _, info := range b.list(images) {
			known = append(known, info.Name)
		}
		b.errs.AddHint(pos, "unknown-target", diag.Nearest(t, known), "no target %q\n%s", t, lines(b.list(images)))
	}
	return nil, nil
}

// defaultTarget is what a request without a target means, "" when nothing says it.
func (b *builder) defaultTarget(images map[string]image) string {
	switch {
	case b.spec.Default != "" && len(b.spec.Images) == 0:
		return strings.ToLower(b.spec.Default) // names a binary, as its image is named
	case b.spec.Default != "":
		return b.spec.Default
	}
	var own []string // variants are never built unasked
	for name, img := range images {
		if name == img.of {
			own = append(own, name)
		}
	}
	if len(own) != 1 {
		return ""
	}
	return own[0]
}

// builtins describes the built-in targets.
var builtins = []TargetInfo{
	{Name: TargetBinaries, Description: "the bare binaries"},
	{Name: TargetDist, Description: "the binaries of all platforms in one folder, with SHA256SUMS"},
	{Name: TargetTest, Description: "runs go test"},
	{Name: TargetVet, Description: "runs go vet"},
	{Name: TargetDeps, Description: "compiles the dependencies only"},
	{Name: TargetOwn, Description: "compiles the project's own packages only, for a seed"},
}

// list gives every target, images first.
func (b *builder) list(images map[string]image) []TargetInfo {
	var out []TargetInfo
	for _, name := range sortedKeys(images) {
		img := images[name]
		info := TargetInfo{Name: name, Description: "image with " + strings.Join(img.binaryNames(), ", "), Base: cmp.Or(img.Base[""], "scratch")}
		if img.debug {
			info.Description += ", under Delve"
		}
		info.Default = name == b.defaultTarget(images)
		switch _, ok := b.spec.Images[img.of]; {
		case ok && name != img.of && !img.debug:
			info.Pos = b.spec.KeyPos("images", img.of, "variants", name)
		case ok:
			info.Pos = b.spec.KeyPos("images", img.of)
		}
		out = append(out, info)
	}
	return append(out, builtins...)
}

func lines(targets []TargetInfo) string {
	var out []string
	for _, t := range targets {
		out = append(out, fmt.Sprintf("  %s: %s", t.Name, t.Description))
	}
	return strings.Join(out, "\n")
}

func (b *builder) rootModule() string {
	if b.facts.ModuleOf(".") == "." || len(b.facts.Modules) == 0 {
		return "."
	}
	return b.facts.Modules[0].Dir
}
