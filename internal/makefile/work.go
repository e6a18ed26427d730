package makefile

import (
	"fmt"
	"slices"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// work is all that a Makefile does.
type work struct {
	binaries []binary
	tests    []test
}

// test is what one of the targets test and vet runs for a module, or for the workspace.
type test struct {
	target   string
	dir      text
	commands [][]text // each begins with go
	env      []text
	pos      diag.Pos
}

// planned plans the work of a request.
func planned(s *spec.Spec, facts *scan.Facts, req plan.Request) (w work, err error) {
	req.Target = plan.TargetDist
	p, err := plan.New(s, facts, req)
	if err != nil {
		return w, err
	}
	w.binaries = binaries(p, facts)
	req.Platforms = nil
	for _, target := range []string{plan.TargetTest, plan.TargetVet} {
		req.Target = target
		p, err := plan.New(s, facts, req)
		if err != nil {
			return w, err
		}
		for _, s := range p.Steps {
			if t, ok := s.(plan.Test); ok {
				w.tests = append(w.tests, tested(p, t))
			}
		}
	}
	return w, nil
}

func tested(p *plan.Plan, t plan.Test) test {
	deps := p.Steps[t.Deps].(plan.Deps)
	out := test{target: t.Name, dir: literal(t.Dir), env: literals(append(slices.Clone(t.Env), fetching(deps)...)), pos: t.Pos}
	for _, c := range t.Commands {
		out.commands = append(out.commands, literals(c))
	}
	return out
}

// owned is a text with what it is of.
type owned struct {
	*text
	owner string
	pos   diag.Pos
}

// texts are all that commands are made of, but for names that are checked, in a fixed order.
func (w work) texts() (out []owned) {
	add := func(owner string, pos diag.Pos, lists ...[]text) {
		for _, list := range lists {
			for i := range list {
				out = append(out, owned{&list[i], owner, pos})
			}
		}
	}
	for i := range w.binaries {
		b := &w.binaries[i]
		owner := fmt.Sprintf("binary %q", b.name)
		out = append(out, owned{&b.dir, owner, b.pos})
		add(owner, b.pos, b.flags, b.env)
	}
	for i := range w.tests {
		t := &w.tests[i]
		out = append(out, owned{&t.dir, t.target, t.pos})
		add(t.target, t.pos, t.commands...)
		add(t.target, t.pos, t.env)
	}
	return out
}
