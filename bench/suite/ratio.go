package suite

import (
	"fmt"

	"github.com/acme/xbuild/bench/result"
)

// Ratio is the number of Old over that of New in a row of the results; ok is false where one is missing.
func (c Compare) Ratio(r *result.Row) (ratio float64, ok bool) {
	before, found := r.Cell(c.Old).Number()
	after, also := r.Cell(c.New).Number()
	if !found || !also {
		return 0, false
	}
	return Divide(before, after)
}

// Divide gives a ratio of two numbers that are not below 0; that of two zeros is 1, and that of a number to 0 infinite.
func Divide(a, b float64) (ratio float64, ok bool) {
	switch {
	case a < 0 || b < 0:
		return 0, false
	case a == b:
		return 1, true
	default:
		return a / b, true
	}
}

// Worse says for which rows a ratio has lost a third or more since an earlier table, or can't be had any more. It fails
// when the earlier one has no ratio at all: then nothing was compared.
func Worse(e Experiment, was, now *result.Table) (lines []string, err error) {
	compared := 0
	for _, row := range e.Rows {
		before, ok := e.Compare.Ratio(was.Row(row.Name))
		if !ok {
			continue
		}
		compared++
		switch after, ok := e.Compare.Ratio(now.Row(row.Name)); {
		case !ok:
			lines = append(lines, fmt.Sprintf("%s: not measured", row.Name))
		case after <= before*2/3:
			lines = append(lines, fmt.Sprintf("%s: %s takes %.2f × what %s takes, it was %.2f ×", row.Name, e.Compare.Old, after, e.Compare.New, before))
		}
	}
	if compared == 0 {
		return nil, fmt.Errorf("no earlier results of %s %s to compare with", e.Suite, e.Name)
	}
	return lines, nil
}
