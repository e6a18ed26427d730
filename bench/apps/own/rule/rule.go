// Package rule is one rule: what it takes, and what it sets.
package rule

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"example.com/own/ast"
	"example.com/own/check"
	"example.com/own/fold"
	"example.com/own/functions"
	"example.com/own/parser"
)

// Source is a rule as it is written.
type Source struct {
	Name     string            `yaml:"name"`
	When     string            `yaml:"when"`
	Set      map[string]string `yaml:"set"`
	Priority int               `yaml:"priority,omitempty"` // the highest goes first
}

// Rule is a rule that can be used.
type Rule struct {
	Name     string
	Priority int
	When     ast.Node
	Set      []Assignment // in the order of facts
}

// Assignment sets one fact.
type Assignment struct {
	Fact string
	To   ast.Node
}

// Compile parses, checks and folds the expressions. Its error has all mistakes.
func Compile(s Source, table functions.Table) (Rule, error) {
	var errs []error
	compile := func(part, source string) ast.Node {
		n, err := parser.Parse(source)
		if err == nil {
			err = check.Check(n, table)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("rule %q: %s: %w", s.Name, part, err))
			return nil
		}
		return fold.Fold(n, table)
	}
	r := Rule{Name: s.Name, Priority: s.Priority, When: compile("when", s.When)}
	for _, fact := range slices.Sorted(maps.Keys(s.Set)) {
		r.Set = append(r.Set, Assignment{fact, compile("set "+fact, s.Set[fact])})
	}
	if len(r.Set) == 0 {
		errs = append(errs, fmt.Errorf("rule %q sets nothing", s.Name))
	}
	return r, errors.Join(errs...)
}
