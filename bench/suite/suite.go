// Package suite says what an experiment is, and measures it.
package suite

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

// Experiment is a table of figures: rows are scenarios, columns are contestants or whatever else is compared.
// Suite and Name name the table of its results.
type Experiment struct {
	Suite   string // what BENCH selects
	Name    string
	Title   string
	About   string // Markdown: what is compared, and how
	Columns []string
	Rows    []Row
	Setup   time.Duration // that comes once before the first row, about
	Compare Compare
	Plot    Plot
}

// Compare is the ratio that is shown of each row: the number of Old over that of New, so that more than 1 is better. The
// zero value shows none.
type Compare struct{ Old, New string }

// Row is a scenario. In each run every column is measured in turn.
type Row struct {
	Name     string
	Unit     string        // of its numbers; "" is seconds
	Once     bool          // a second run would find the work of the first done
	Estimate time.Duration // of one run of all columns, about
	Only     []string      // columns that take part; none means all
	Start    Start
	Goals    []Goal
	Judged   string // column that the goals and checks are of; "" is xbuild's
	Explain  bool   // what xbuild took is kept and shown by step
	Guide    *Guide // what the optimisation guide says of it
	Why      string // Markdown, without figures: why it is as it is, shown where a goal is missed or the ratio is below 1
}

// Seconds reports whether the numbers are times.
func (r Row) Seconds() bool { return r.Unit == "" || r.Unit == "s" }

// Guide is a before and after of the optimisation guide that xbuild implements.
type Guide struct {
	Text  string  // 12 s → 4 s
	Ratio float64 // before over after, 0 where there is none
}

// Start prepares one run, counted from 0, of all columns.
type Start func(ctx context.Context, l *lab.Lab, run int) (Measure, error)

// Measure gives what a column takes in a run.
type Measure func(ctx context.Context, column string) (Measured, error)

// Measured is one value. Binaries are SHA-256 sums by name; columns that give some have to give the same.
type Measured struct {
	result.Value
	Binaries map[string]string
}

// Load gives a program, the same each time.
type Load func(ctx context.Context, l *lab.Lab) (*lab.Program, error)

// App loads a program of bench/apps.
func App(name string) Load {
	return func(ctx context.Context, l *lab.Lab) (*lab.Program, error) { return l.Program(ctx, name) }
}

// Changed is the row's Start for a program that all columns of a run get with the same change.
func Changed(load Load, change lab.Changer, measure func(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (Measured, error)) Start {
	return func(ctx context.Context, l *lab.Lab, run int) (Measure, error) {
		p, err := load(ctx, l)
		if err != nil {
			return nil, err
		}
		ch, err := change(ctx, p, run)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, column string) (Measured, error) { return measure(ctx, l, column, p, ch) }, nil
	}
}

// Builds is the row's Start for a program of bench/apps that contestants build after a change, on machines in a state.
func Builds(program string, state lab.State, change lab.Changer, checks ...Rule) Start {
	return BuildsOf(App(program), state, change, checks...)
}

// BuildsOf is [Builds] for any program.
func BuildsOf(load Load, state lab.State, change lab.Changer, checks ...Rule) Start {
	return Changed(load, change, func(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (m Measured, err error) {
		s, err := l.Sample(ctx, state, column, p, ch)
		if err != nil {
			return m, err
		}
		m = Measured{s.Value(), s.Binaries}
		if column == lab.XBuild {
			for _, c := range checks {
				m.Checks = append(m.Checks, c.Check(p, s))
			}
		}
		return m, nil
	})
}

// Rule says which steps of xbuild may run.
type Rule struct {
	Text  string
	Holds func(p *lab.Program, ran []string) bool
}

// NoneRan holds when no step ran whose name matches pattern.
func NoneRan(pattern, text string) Rule {
	re := regexp.MustCompile(pattern)
	return Rule{Text: text, Holds: func(_ *lab.Program, ran []string) bool { return !slices.ContainsFunc(ran, re.MatchString) }}
}

// Check is the rule applied to what a build ran.
func (r Rule) Check(p *lab.Program, s *lab.Sample) result.Check {
	return result.Check{Text: r.Text, Held: r.Holds(p, lab.Ran(s.Steps))}
}

// Kind is how a plot shows a table.
type Kind int

const (
	NoPlot Kind = iota
	Bars        // a group of bars for each row
	Lines       // a line for each column; the row names are numbers
)

// Plot is how a table is drawn.
type Plot struct {
	Kind Kind
	X    string   // what the row names are
	Log  bool     // the y axis
	Rows []string // those that are drawn; none means all
}
