// Package dockerfile writes a plain Dockerfile that builds what plans build, with BuildKit's
// own frontend and nothing of xbuild. It compiles dependencies in stages of their own,
// whose results are layers, so that they travel with a cache export.
package dockerfile

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Input is what a Dockerfile is made of.
type Input struct {
	// Plans are those of one spec, one for each target, for the same platforms but where
	// Plan.Whole is set.
	Plans []*plan.Plan
	// Default is the target that comes last, and so is built when none is named; "" is the
	// last image.
	Default string
	// Sets says what binaries import, by plan.Deps.Set.
	Sets map[string]Set
	// Vars are the build args that stand in the plans by their tokens.
	Vars []Var
	// Spec is the name of the file that the plans are made from, for people.
	Spec string
}

// Set is what binaries that are compiled alike take from elsewhere, as scan.Narrow finds it.
type Set struct {
	Imports []string // sorted
	Std     []string // of the standard library, what is compiled ahead of them; sorted
	Files   []string // go.mod, go.sum, go.work and vendored files, as slash paths; sorted
}

// Var is a build arg, whose value is known when the Dockerfile is built.
type Var struct {
	Token   string // what the plans have in its place: letters and digits
	Name    string
	Default string // as the ARG line has it, where it may name other args; "" for none
}

// Unsaid is the rule of what a spec says and a Dockerfile can't.
const Unsaid = "not-in-dockerfile"

// Emit writes the Dockerfile. The warnings say what of the plans is not in it and does no harm.
// The error is a diag.List of what a Dockerfile can't say.
func Emit(in Input) (data []byte, warnings diag.List, err error) {
	e := &emitter{in: in, taken: map[string]bool{}, made: map[string]string{}}
	e.reserve()
	for _, p := range in.Plans {
		e.checkSteps(p)
	}
	plans := slices.Clone(in.Plans)
	slices.SortStableFunc(plans, func(a, b *plan.Plan) int { return e.rank(a) - e.rank(b) })
	for _, p := range plans {
		e.target(p)
	}
	if err := e.errs.Err(); err != nil {
		return nil, nil, err
	}
	return e.file(), e.warnings, nil
}

// emitter writes one Dockerfile.
type emitter struct {
	in       Input
	out      bytes.Buffer      // stages
	taken    map[string]bool   // names of stages
	made     map[string]string // names of stages by their content
	skip     []string          // rules of BuildKit's linter that do not suit
	errs     diag.List
	warnings diag.List

	systemStage string // its name, once it is written
}

// rank orders targets: BuildKit builds the last stage when none is named.
func (e *emitter) rank(p *plan.Plan) int {
	switch {
	case p.Target == e.in.Default:
		return 3
	case p.Target == plan.TargetBinaries:
		return 0
	case p.Whole:
		return 1
	default:
		return 2
	}
}

// reserve keeps the names of targets from those of other stages.
func (e *emitter) reserve() {
	for _, p := range e.in.Plans {
		e.taken[p.Target] = true
	}
}

// unsaid reports what a Dockerfile can't say, each once.
func (e *emitter) unsaid(pos diag.Pos, format string, args ...any) {
	add(&e.errs, &diag.Error{Pos: pos, Rule: Unsaid, Msg: fmt.Sprintf(format, args...)})
}

func (e *emitter) warn(pos diag.Pos, format string, args ...any) {
	add(&e.warnings, &diag.Error{Pos: pos, Rule: Unsaid, Msg: fmt.Sprintf(format, args...)})
}

func add(list *diag.List, one *diag.Error) {
	if !slices.ContainsFunc(*list, func(o *diag.Error) bool { return *o == *one }) {
		*list = append(*list, one)
	}
}

// checkSteps refuses steps of a kind that this emitter does not know.
func (e *emitter) checkSteps(p *plan.Plan) {
	for _, s := range p.Steps {
		switch s := s.(type) {
		case plan.Context, plan.Image, plan.HTTP, plan.System, plan.Narrow, plan.Prune, plan.Std, plan.Deps, plan.Named,
			plan.Compile, plan.Link, plan.Tool, plan.Layer, plan.Test:
		case plan.CC:
			e.checkCC(s)
		case plan.Setcap:
			e.unsaid(s.Pos, "capabilities take a tool that neither scratch nor the toolchain image has")
		default:
			e.unsaid(diag.Pos{}, "no stage for step %T", s)
		}
	}
}

// file joins what comes first and the stages.
func (e *emitter) file() []byte {
	var out bytes.Buffer
	out.WriteString("# syntax=docker/dockerfile:1\n# check=")
	if len(e.skip) > 0 {
		slices.Sort(e.skip)
		fmt.Fprintf(&out, "skip=%s;", strings.Join(slices.Compact(e.skip), ","))
	}
	fmt.Fprintf(&out, "error=true\n\n# Written by gen dockerfile from %s: change that and write this again.\n", comment(e.in.Spec))
	var args []string
	for _, v := range e.in.Vars {
		// VERSION is by default what SHORT_REVISION is
		text := e.out.String() + strings.Join(args, "\n")
		if strings.Contains(text, "${"+v.Name+"}") || v.Name == "SHORT_REVISION" && strings.Contains(text, "${VERSION}") {
			args = append(args, v.declaration())
		}
	}
	if len(args) > 0 {
		fmt.Fprintf(&out, "\n%s\n", strings.Join(args, "\n"))
	}
	out.Write(e.out.Bytes())
	return out.Bytes()
}

// comment keeps a text on the line of a comment.
func comment(s string) string { return strings.Join(strings.Fields(s), " ") }

// platformsOf are those that a plan is for.
func platformsOf(p *plan.Plan) (out []ocispecs.Platform) {
	for _, t := range p.Targets {
		out = append(out, t.Platform)
	}
	return out
}
