package suite

import (
	"cmp"
	"fmt"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

// Goal limits a number in a row, xbuild's unless the row judges another column, by another number.
type Goal struct {
	row, column string  // where the other is; row "" is the goal's own
	times       float64 // the limit is so many times the other
	plus        float64 // and this
}

// AtMost limits by a multiple of another column.
func AtMost(times float64, column string) Goal { return Goal{column: column, times: times} }

// Faster wants the other to take at least so many times what xbuild takes.
func Faster(times float64, column string) Goal { return AtMost(1/times, column) }

// AtMostMore limits by another column and a time on top.
func AtMostMore(plus time.Duration, column string) Goal {
	return Goal{column: column, times: 1, plus: plus.Seconds()}
}

// In is the goal compared with a number in another row.
func (g Goal) In(row string) Goal {
	g.row = row
	return g
}

// String is the target, for people.
func (g Goal) String() string {
	other := g.column
	if g.row != "" {
		other += " in “" + g.row + "”"
	}
	switch {
	case g.plus > 0:
		return fmt.Sprintf("≤ %s + %.1f s", other, g.plus)
	case g.times < 1:
		return fmt.Sprintf("≥ %.3g × faster than %s", 1/g.times, other)
	default:
		return fmt.Sprintf("≤ %.2f × %s", g.times, other)
	}
}

// Verdict is what became of a goal.
type Verdict struct {
	Ratio    string // how the numbers compare, in the terms of the target; "" where one is missing, or is a text
	Target   string
	Measured bool
	Met      bool
}

// Judge compares a row of a table with its goals, and with what had to hold in every run of the column that is judged.
func (r Row) Judge(t *result.Table) (verdicts []Verdict) {
	got := t.Row(r.Name).Cell(cmp.Or(r.Judged, lab.XBuild))
	took, ok := got.Number()
	for _, g := range r.Goals {
		v := Verdict{Target: g.String()}
		other, found := t.Row(cmp.Or(g.row, r.Name)).Cell(g.column).Number()
		if v.Measured = ok && found; v.Measured {
			v.Ratio, v.Met = g.compare(took, other), took <= g.times*other+g.plus
		}
		verdicts = append(verdicts, v)
	}
	median, _ := got.Median()
	for i, c := range median.Checks {
		v := Verdict{Target: c.Text, Measured: true, Met: true}
		for _, run := range got.Values {
			v.Met = v.Met && i < len(run.Checks) && run.Checks[i].Held
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

func (g Goal) compare(took, other float64) string {
	switch {
	case g.plus > 0:
		return fmt.Sprintf("%+.1f s", took-other)
	case g.times < 1:
		return fmt.Sprintf("%.1f × faster", other/took)
	default:
		return fmt.Sprintf("%.2f ×", took/other)
	}
}
