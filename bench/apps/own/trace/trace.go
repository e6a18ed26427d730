// Package trace notes what an engine did.
package trace

import "example.com/own/value"

// Step is one rule that was used.
type Step struct {
	Rule string
	Sets []Set
}

// Set is one fact that was set.
type Set struct {
	Fact     string
	Old, New value.Value
}

// Trace is the steps in order.
type Trace []Step

// Rules gives the names of the rules, in the order of their use.
func (t Trace) Rules() []string {
	names := make([]string, len(t))
	for i, s := range t {
		names[i] = s.Rule
	}
	return names
}
