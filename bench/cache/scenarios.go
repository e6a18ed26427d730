package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// state is what a contestant's machine knows of the program before a build is timed.
type state int

const (
	cold   state = iota // nothing: an empty daemon, empty caches
	warm                // it has built the program as it was before the change
	fresh               // an empty daemon, which imports what a warm one exported to a registry
	export              // as warm: the first build that exports a cache, less one that doesn't
)

// scenario is a row of the table.
type scenario struct {
	name    string
	program string // of programs
	state   state
	change  changer
	goals   []goal
	steps   []stepRule // of xbuild
	alone   bool       // only xbuild is measured: another row refers to this one
	explain bool       // say what xbuild's time is made of
}

// scenarios are the rows of the table, in an order in which goals refer only to earlier ones
// or to their own.
func scenarios() []scenario {
	const (
		testEdited = "a test edited, fresh"
		oneBinary  = "one package edited, one binary of 20 built, fresh"
	)
	noCompile := noneRan(`\] (compile|link)$`, "no compile, no link")
	return []scenario{
		{name: "cold", program: app, state: cold, change: nothing,
			goals: []goal{atMost(1.10, dockerfile)}},
		{name: "nothing changed, warm", program: app, state: warm, change: nothing,
			goals: []goal{atMostMore(500*time.Millisecond, dockerfile)}},
		{name: "one file edited, warm", program: app, state: warm, change: editSource, explain: true,
			goals: []goal{atMost(1.0, dockerfile), atMost(1.3, goBuild)}},
		{name: "one module bumped, warm", program: app, state: warm, change: bumpModule,
			goals: []goal{atMost(1.1, dockerfile)}},
		{name: "cache export", program: app, state: export, change: nothing},
		{name: "nothing changed, fresh", program: app, state: fresh, change: nothing},
		{name: "one file edited, fresh", program: app, state: fresh, change: editSource, explain: true,
			goals: []goal{faster(15, dockerfile)}, steps: []stepRule{noneRan(`^\[(std|deps) `, "no std, no deps")}},
		{name: testEdited, program: app, state: fresh, change: editTest, explain: true,
			goals: []goal{faster(50, dockerfile)}, steps: []stepRule{noCompile}},
		{name: "another binary's file edited, fresh", program: app, state: fresh, change: editOther,
			goals: []goal{faster(50, dockerfile)}, steps: []stepRule{noCompile}},
		{name: "docs edited, fresh", program: app, state: fresh, change: editDocs,
			goals: []goal{faster(50, dockerfile).in(testEdited)}, steps: []stepRule{noCompile}},
		{name: "new commit stamped, no code changed, fresh", program: stamped, state: fresh, change: newCommit, explain: true,
			goals: []goal{faster(10, dockerfile)}, steps: []stepRule{noneRan(`\] compile$`, "link only")}},
		{name: "one module bumped, fresh", program: app, state: fresh, change: bumpModule, explain: true,
			goals: []goal{faster(1.3, dockerfile)}, steps: []stepRule{noneRan(`^\[std `, "no std")}},
		{name: oneBinary, program: fleetOne, state: fresh, change: editSource, alone: true},
		{name: "one package edited of 20 binaries, fresh", program: fleet, state: fresh, change: editSource, explain: true,
			goals: []goal{atMost(3, xbuild).in(oneBinary)}, steps: []stepRule{onlyAffected()}},
	}
}

// goal limits xbuild's time in a scenario by another time.
type goal struct {
	row, contestant string        // where the other time is; row "" is the goal's own
	times           float64       // the limit is so many times the other
	plus            time.Duration // and this
}

func atMost(times float64, contestant string) goal { return goal{contestant: contestant, times: times} }

func faster(times float64, contestant string) goal { return atMost(1/times, contestant) }

func atMostMore(plus time.Duration, contestant string) goal {
	return goal{contestant: contestant, times: 1, plus: plus}
}

// in is the goal compared with the time in another row.
func (g goal) in(row string) goal {
	g.row = row
	return g
}

// String is the target, for people.
func (g goal) String() string {
	other := g.contestant
	if g.row != "" {
		other += " in “" + g.row + "”"
	}
	switch {
	case g.plus > 0:
		return fmt.Sprintf("≤ %s + %.1f s", other, g.plus.Seconds())
	case g.times < 1:
		return fmt.Sprintf("≥ %.3g × faster than %s", 1/g.times, other)
	default:
		return fmt.Sprintf("≤ %.2f × %s", g.times, other)
	}
}

// ratio is how took compares with the other time, in the terms of the target.
func (g goal) ratio(took, other time.Duration) string {
	switch {
	case g.plus > 0:
		return fmt.Sprintf("%+.1f s", (took - other).Seconds())
	case g.times < 1:
		return fmt.Sprintf("%.1f × faster", other.Seconds()/took.Seconds())
	default:
		return fmt.Sprintf("%.2f ×", took.Seconds()/other.Seconds())
	}
}

func (g goal) met(took, other time.Duration) bool {
	return took.Seconds() <= g.times*other.Seconds()+g.plus.Seconds()
}

// stepRule says which steps of xbuild may run.
type stepRule struct {
	text  string
	holds func(p *program, ran []string) bool
}

// noneRan holds when no step ran whose name matches pattern.
func noneRan(pattern, text string) stepRule {
	re := regexp.MustCompile(pattern)
	return stepRule{text, func(_ *program, ran []string) bool { return !slices.ContainsFunc(ran, re.MatchString) }}
}

// onlyAffected holds when those binaries were compiled, once for each platform, whose closure
// has the edited file.
func onlyAffected() stepRule {
	return stepRule{"only its binaries compiled", func(p *program, ran []string) bool {
		var compiled, want []string
		for _, name := range ran {
			if strings.HasSuffix(name, "] compile") {
				compiled = append(compiled, name)
			}
		}
		for _, name := range p.uses {
			for _, platform := range platforms() {
				want = append(want, "["+name+" "+platform+"] compile")
			}
		}
		slices.Sort(want)
		return slices.Equal(compiled, want)
	}}
}
