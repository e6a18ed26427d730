package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/containerd/platforms"
)

// Explain says, for people, what runs for a request: every step, what decides whether it
// is found in a cache, and what each target is made of.
func (p *Plan) Explain() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s: %s, on %s with %s\n", p.Name, p.Target, platforms.Format(p.BuildPlatform), p.Toolchain.Image)
	for i, s := range p.Steps {
		fmt.Fprintf(&out, "%3d %s\n", i, p.NameOf(s))
		for _, line := range p.Inputs(s) {
			fmt.Fprintf(&out, "      %s\n", line)
		}
	}
	for _, t := range p.Targets {
		base := t.Base
		if base == "" {
			base = "scratch"
		}
		fmt.Fprintf(&out, "%s %s: %s%s\n", t.Name, platforms.Format(t.Platform), base, refs(t.Layers))
	}
	return out.String()
}

// refs names steps by their numbers.
func refs(ids []StepID) string {
	var out strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&out, " + %d", id)
	}
	return out.String()
}

// Inputs are what a step is found in a cache by, besides the step program, one a line.
func (p *Plan) Inputs(s Step) []string {
	goTool := func(flags, env []string) []string {
		return []string{"flags " + strings.Join(flags, " "), "env " + strings.Join(env, " ")}
	}
	switch s := s.(type) {
	case Context:
		return []string{"the files of the build context that Go and the image take"}
	case Named:
		return []string{"the files of the context that the client names so"}
	case Image:
		return []string{fmt.Sprintf("%s for %s, by digest", s.Ref, platforms.Format(s.Platform))}
	case HTTP:
		return []string{s.Checksum}
	case System:
		return []string{"this release of xbuild"}
	case Narrow:
		return []string{fmt.Sprintf("from%s; runs whenever one of its files changed", strings.TrimPrefix(refs(Refs(s)), " +"))}
	case Prune:
		return []string{"the toolchain image"}
	case Std:
		return append([]string{fmt.Sprintf("from %d: which of two lists of packages; the toolchain", s.Source)}, goTool(s.Flags, s.Env)...)
	case Deps:
		lines := append([]string{fmt.Sprintf("from %d: imports, go.mod, go.sum, go.work; the toolchain", s.Source)}, goTool(s.Flags, s.Env)...)
		if p.Seed != "" && s.Compile {
			lines = append(lines, "not by the seed "+p.Seed+", which a builder that is new to the project takes packages from")
		}
		return lines
	case CC:
		lines := []string{"the toolchain image; a C compiler for " + platforms.Format(s.Platform) + ", " + cmp.Or(s.CC, "zig or gcc")}
		if packages := slices.Concat(s.Packages, s.Libs); len(packages) > 0 {
			lines = append(lines, "packages "+strings.Join(packages, " ")+", "+cmp.Or(s.Snapshot, "of the day that it runs"))
		}
		return lines
	case Compile:
		return p.compileInputs(s)
	case Link:
		return append(p.compileInputs(s.Compile), fmt.Sprintf("packages of %d", s.Objects))
	case Own:
		return []string{
			fmt.Sprintf("all of %d: %s for %s; dependencies of %d", s.Source, strings.Join(s.Packages, " "), platforms.Format(s.Platform), s.Deps),
			"flags " + strings.Join(s.Flags, " "), "env " + strings.Join(s.Env, " "),
		}
	case Tool:
		return []string{s.Package + "@" + s.Version, "env " + strings.Join(s.Env, " ")}
	case Setcap:
		return []string{fmt.Sprintf("%s of %d, %s", s.Src, s.From, s.Capabilities)}
	case Test:
		lines := []string{fmt.Sprintf("all of %d; dependencies of %d", s.Source, s.Deps)}
		for _, c := range s.Commands {
			lines = append(lines, strings.Join(c, " "))
		}
		return append(lines, "env "+strings.Join(s.Env, " "))
	case Dist:
		return []string{fmt.Sprintf("%d binaries, files %s", len(s.Binaries), strings.Join(s.Paths, " "))}
	case Summary:
		return []string{"dependencies of" + strings.ReplaceAll(refs(s.Deps), " +", "")}
	case Layer:
		if s.From == NoStep {
			return []string{"to " + s.Link}
		}
		return []string{fmt.Sprintf("%s of %d", s.Src, s.From)}
	default:
		panic(fmt.Sprintf("plan: no inputs for step %T", s))
	}
}

func (p *Plan) compileInputs(c Compile) []string {
	return []string{
		fmt.Sprintf("from %d: the source of %s for %s; dependencies of %d", c.Source, c.Package, platforms.Format(c.Platform), c.Deps),
		"flags " + strings.Join(c.Flags, " "), "env " + strings.Join(c.Env, " "),
	}
}

// MarshalJSON gives each step its kind, as "Step", and its name, as "Vertex".
func (p *Plan) MarshalJSON() ([]byte, error) {
	type plain Plan
	steps := make([]json.RawMessage, len(p.Steps))
	for i, s := range p.Steps {
		data, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		kind := fmt.Sprintf(`{"Step":%q,"Vertex":%q`, strings.TrimPrefix(fmt.Sprintf("%T", s), "plan."), p.NameOf(s))
		if string(data) != "{}" {
			kind += ","
		}
		steps[i] = append([]byte(kind), data[1:]...)
	}
	return json.Marshal(struct {
		*plain
		Steps []json.RawMessage
	}{(*plain)(p), steps})
}
