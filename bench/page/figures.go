package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// Cells without a figure.
const (
	noPart      = "–"
	notMeasured = "not measured"
)

// nbsp is a space at which no line breaks.
const nbsp = "\u00a0"

// figures writes the table.
func (t table) figures(w *writer) {
	ratio, guide, target := t.Compare != suite.Compare{}, false, false
	for _, r := range t.Experiment.Rows {
		guide = guide || r.Guide != nil
		target = target || len(r.Judge(t.Table)) > 0
	}
	head := []string{""}
	for _, c := range t.Columns {
		head = append(head, escape(c))
	}
	if ratio {
		head = append(head, fmt.Sprintf("%s ÷ %s", escape(t.Compare.Old), escape(t.Compare.New)))
	}
	if guide {
		head = append(head, "the guide says")
	}
	if target {
		head = append(head, "target")
	}
	rows := [][]string{head}
	for _, r := range t.Experiment.Rows {
		cells := []string{escape(r.Name)}
		for _, c := range t.Columns {
			cells = append(cells, t.cell(r, c))
		}
		if ratio {
			cells = append(cells, t.compared(r))
		}
		if guide {
			cells = append(cells, says(r.Guide))
		}
		if target {
			cells = append(cells, t.verdicts(r))
		}
		rows = append(rows, cells)
	}
	w.rows(rows)
}

// cell is a figure with its runs and spread.
func (t table) cell(r suite.Row, column string) string {
	c := t.Row(r.Name).Cell(column)
	switch {
	case c != nil && len(c.Values) > 0:
	case t.measured(r) || len(r.Only) > 0 && !slices.Contains(r.Only, column):
		return noPart
	default:
		return notMeasured
	}
	text := escape(shown(c, r.Unit))
	if once(c, r) {
		return text + "¹"
	}
	if _, ok := c.Number(); !ok {
		return text
	}
	return fmt.Sprintf("%s<br><sub>%s</sub>", text, runs(c, r.Unit))
}

// once reports whether the cell has one run, because it takes so long.
func once(c *result.Cell, r suite.Row) bool {
	n, ok := c.Number()
	return ok && len(c.Values) == 1 && r.Seconds() && n > suite.TooLong
}

// shown is the median for people, or the texts of the runs.
func shown(c *result.Cell, unit string) string {
	if n, ok := c.Number(); ok {
		return measure(n, unit)
	}
	var texts []string
	for _, v := range c.Values {
		text := v.Text
		if text == "" {
			text = measure(v.Number, unit)
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, " / ")
}

// measure is a number with its unit, in one piece.
func measure(n float64, unit string) string { return amount(n, unit) + nbsp + cmp.Or(unit, "s") }

// runs is how many there were, and their spread.
func runs(c *result.Cell, unit string) string {
	if len(c.Values) == 1 {
		return "1 run"
	}
	least, most := c.Spread()
	from, to := amount(least, unit), amount(most, unit)
	if from == to {
		return fmt.Sprintf("%d runs, %s", len(c.Values), from)
	}
	return fmt.Sprintf("%d runs, %s–%s", len(c.Values), from, to)
}

// amount is a number for people. What is counted is whole.
func amount(n float64, unit string) string {
	if unit != "" && unit != "s" && n == math.Trunc(n) {
		return fmt.Sprintf("%.0f", n)
	}
	return figure(n)
}

// figure is a number with the three digits that say something.
func figure(n float64) string {
	decimals := 2 // of numbers below 10
	switch size := math.Abs(n); {
	case math.IsInf(n, 1):
		return "∞"
	case size >= 99.95:
		decimals = 0
	case size >= 9.995:
		decimals = 1
	case size < .0995 && size > 0:
		decimals = 3
	}
	return fmt.Sprintf("%.*f", decimals, n)
}

// factor is a ratio for people.
func factor(ratio float64) string { return figure(ratio) + nbsp + "×" }

// even is how far a ratio is from 1 that says nothing.
const even = 1.05

// compared is the ratio with the name of who is better.
func (t table) compared(r suite.Row) string {
	ratio, ok := t.Compare.Ratio(t.Row(r.Name))
	switch {
	case !ok:
		return noPart
	case ratio > even:
		return fmt.Sprintf("%s, **%s**", factor(ratio), escape(t.Compare.New))
	case ratio < 1/even:
		return fmt.Sprintf("%s, **%s**", factor(ratio), escape(t.Compare.Old))
	default:
		return factor(ratio) + ", even"
	}
}

// says is what the guide says.
func says(g *suite.Guide) string {
	switch {
	case g == nil:
		return noPart
	case g.Ratio > 0:
		return fmt.Sprintf("%s, %.3g ×", escape(g.Text), g.Ratio)
	default:
		return escape(g.Text)
	}
}

// verdicts are the targets, and what became of them.
func (t table) verdicts(r suite.Row) string {
	var lines []string
	for _, v := range r.Judge(t.Table) {
		line := escape(v.Target) + ": "
		if v.Ratio != "" {
			line += escape(v.Ratio) + ", "
		}
		lines = append(lines, line+word(v))
	}
	return strings.Join(lines, "<br>")
}

func word(v suite.Verdict) string {
	switch {
	case !v.Measured:
		return notMeasured
	case v.Met:
		return "met"
	default:
		return "**missed**"
	}
}

// legend says how to read the table.
func (t table) legend(w *writer) {
	text := "Median of the runs, and below it how many there were, with the least and the most."
	if slices.ContainsFunc(t.Experiment.Rows, func(r suite.Row) bool {
		return slices.ContainsFunc(t.Columns, func(c string) bool { return once(t.Row(r.Name).Cell(c), r) })
	}) {
		text += fmt.Sprintf(" ¹ One run, because it takes over %d s.", suite.TooLong)
	}
	if t.Compare != (suite.Compare{}) {
		text += fmt.Sprintf(" %[1]s ÷ %[2]s: over 1, %[2]s is better; below 1, %[1]s is. Who is better by over %.0[3]f %% is named.",
			escape(t.Compare.Old), escape(t.Compare.New), (even-1)*100)
	}
	w.line("<sub>%s</sub>", text)
}
