package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

// TooLong is how many seconds a number takes that is not measured again.
const TooLong = 100

// Runner measures experiments into a report, which it saves after each row: a run that is begun again
// with the same file goes on where the last one ended.
type Runner struct {
	Lab     *lab.Lab
	Machine result.Machine
	Report  *result.Report
	File    string // of the report
	Runs    int    // of each row
	Log     io.Writer
}

// Run measures what the report lacks of the experiments. A row that fails is left out; the others are measured.
func (r *Runner) Run(ctx context.Context, experiments []Experiment) error {
	var failed error
	suite := ""
	for i, e := range experiments {
		if suite != "" && suite != e.Suite {
			if err := r.Lab.EndWarm(); err != nil {
				return err
			}
		}
		suite = e.Suite
		fmt.Fprintf(r.Log, "%s %s: %s (about %s to go)\n", e.Suite, e.Name, e.Title, Remaining(experiments[i:], r.Report, r.Runs))
		err := r.experiment(ctx, e)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

func (r *Runner) experiment(ctx context.Context, e Experiment) (failed error) {
	t := r.Report.Table(e.Suite, e.Name)
	if t == nil {
		t = &result.Table{Suite: e.Suite, Name: e.Name, Machine: r.Machine}
	}
	for _, row := range e.Rows {
		if t.Row(row.Name) != nil {
			continue
		}
		got, err := r.row(ctx, e, row)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			err = fmt.Errorf("%s %s, %s: %w", e.Suite, e.Name, row.Name, err)
			fmt.Fprintln(r.Log, err)
			failed = errors.Join(failed, err)
			continue
		}
		t.Rows = append(t.Rows, got)
		r.Report.Put(t)
		if err := r.Report.Save(r.File); err != nil {
			return err
		}
	}
	return failed
}

// row measures a row. It fails when columns made other binaries than each other.
func (r *Runner) row(ctx context.Context, e Experiment, row Row) (*result.Row, error) {
	got := &result.Row{Name: row.Name}
	for run := range row.runs(r.Runs) {
		measure, err := row.Start(ctx, r.Lab, run)
		if err != nil {
			return nil, err
		}
		var binaries map[string]string
		for _, column := range row.turn(e, run) {
			cell := got.Cell(column)
			if cell == nil {
				cell = &result.Cell{Column: column}
				got.Cells = append(got.Cells, cell)
			}
			if run > 0 && row.Seconds() && cell.Values[0].Number > TooLong {
				continue
			}
			m, err := measure(ctx, column)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", column, err)
			}
			if binaries == nil {
				binaries = m.Binaries
			}
			if m.Binaries != nil && !maps.Equal(binaries, m.Binaries) {
				return nil, fmt.Errorf("%s made other binaries than a column before it:\n%v\n%v", column, m.Binaries, binaries)
			}
			if !row.Explain || column != lab.XBuild {
				m.Steps = nil
			}
			cell.Values = append(cell.Values, m.Value)
			fmt.Fprintf(r.Log, "  %s | %s | run %d of %d | %s\n", row.Name, column, run+1, row.runs(r.Runs), Format(m.Value, row.Unit))
		}
	}
	return got, nil
}

func (r Row) runs(most int) int {
	if r.Once {
		return 1
	}
	return most
}

// turn is the order of the columns in a run. Each run begins with another one, so that a machine that grows slower or
// quicker meanwhile does so for all.
func (r Row) turn(e Experiment, run int) []string {
	columns := r.columns(e)
	first := run % len(columns)
	return slices.Concat(columns[first:], columns[:first])
}

func (r Row) columns(e Experiment) []string {
	if len(r.Only) == 0 {
		return e.Columns
	}
	return slices.DeleteFunc(slices.Clone(e.Columns), func(c string) bool { return !slices.Contains(r.Only, c) })
}

// Remaining estimates what measuring takes of which the report has no result.
func Remaining(experiments []Experiment, report *result.Report, runs int) (d time.Duration) {
	for _, e := range experiments {
		t, left := report.Table(e.Suite, e.Name), false
		for _, row := range e.Rows {
			if t.Row(row.Name) == nil {
				d += row.Estimate * time.Duration(row.runs(runs))
				left = true
			}
		}
		if left {
			d += e.Setup
		}
	}
	return d.Round(time.Minute)
}

// Format is a value for people.
func Format(v result.Value, unit string) string {
	switch {
	case v.Text != "":
		return v.Text
	case unit == "" || unit == "s":
		return fmt.Sprintf("%.2f s", v.Number)
	case v.Number == float64(int64(v.Number)):
		return fmt.Sprintf("%.0f %s", v.Number, unit)
	default:
		return fmt.Sprintf("%.2f %s", v.Number, unit)
	}
}
