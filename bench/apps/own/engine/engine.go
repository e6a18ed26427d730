// Package engine applies rules to facts.
package engine

import (
	"fmt"

	"example.com/own/eval"
	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/rule"
	"example.com/own/trace"
	"example.com/own/value"
)

// rounds is how often all rules are tried before they count as endless.
const rounds = 100

// Engine is a set of rules.
type Engine struct {
	rules     []rule.Rule
	functions functions.Table
}

// New gives an engine. Rules are tried in their order.
func New(rules []rule.Rule, table functions.Table) *Engine { return &Engine{rules, table} }

// Run gives the facts after applying rules until none of them changes anything. It leaves known as it is.
func (e *Engine) Run(known facts.Facts) (facts.Facts, trace.Trace, error) {
	now := known.Clone()
	var steps trace.Trace
	for range rounds {
		before := len(steps)
		for _, r := range e.rules {
			step, err := e.apply(r, now)
			if err != nil {
				return nil, steps, fmt.Errorf("rule %q: %w", r.Name, err)
			}
			if len(step.Sets) > 0 {
				steps = append(steps, step)
			}
		}
		if len(steps) == before {
			return now, steps, nil
		}
	}
	return nil, steps, fmt.Errorf("the rules have no end after %d rounds", rounds)
}

// apply changes now as r says, and gives what changed.
func (e *Engine) apply(r rule.Rule, now facts.Facts) (trace.Step, error) {
	step := trace.Step{Rule: r.Name}
	when, err := eval.Eval(r.When, now, e.functions)
	if err != nil {
		return step, err
	}
	holds, ok := when.(value.Bool)
	if !ok {
		return step, fmt.Errorf("when is %s, not bool", when.Kind())
	}
	if !holds {
		return step, nil
	}
	for _, a := range r.Set {
		to, err := eval.Eval(a.To, now, e.functions)
		if err != nil {
			return step, err
		}
		if old := now.Get(a.Fact); !value.Equal(old, to) {
			step.Sets = append(step.Sets, trace.Set{Fact: a.Fact, Old: old, New: to})
			now[a.Fact] = to
		}
	}
	return step, nil
}
