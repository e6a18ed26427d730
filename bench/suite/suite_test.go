package suite

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

// row has what columns took.
func row(name string, took map[string][]float64) *result.Row {
	r := &result.Row{Name: name}
	for _, column := range []string{lab.XBuild, lab.Dockerfile, lab.GoBuild} {
		if took[column] == nil {
			continue
		}
		c := &result.Cell{Column: column}
		for _, n := range took[column] {
			c.Values = append(c.Values, result.Value{Number: n})
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}

func TestJudge(t *testing.T) {
	table := &result.Table{Rows: []*result.Row{
		row("edit", map[string][]float64{lab.XBuild: {9, 2, 1}, lab.Dockerfile: {3, 3, 3}, lab.GoBuild: {1}}),
		row("test", map[string][]float64{lab.XBuild: {2}, lab.Dockerfile: {150}}),
		row("docs", map[string][]float64{lab.XBuild: {4}, lab.Dockerfile: {0.5}}),
		row("nothing", map[string][]float64{lab.XBuild: {1}, lab.Dockerfile: {0.75}}),
		row("fleet", map[string][]float64{lab.XBuild: {1}}),
	}}
	table.Rows[1].Cells[0].Values[0].Checks = []result.Check{{Text: "no compile", Held: true}}
	table.Rows[2].Cells[0].Values = append(table.Rows[2].Cells[0].Values, result.Value{Number: 9})
	table.Rows[2].Cells[0].Values[0].Checks = []result.Check{{Text: "no compile", Held: true}} // and not in the second run
	table.Rows = append(table.Rows, row("text", map[string][]float64{lab.XBuild: {0}, lab.Dockerfile: {1}}))
	table.Row("text").Cells[0].Values[0].Text = "does not start"
	for _, tt := range []struct {
		row  Row
		want []Verdict
	}{
		{Row{Name: "edit", Goals: []Goal{AtMost(1, lab.Dockerfile), AtMost(1.3, lab.GoBuild)}}, []Verdict{
			{"0.67 ×", "≤ 1.00 × Dockerfile", true, true}, {"2.00 ×", "≤ 1.30 × go build", true, false}}},
		{Row{Name: "test", Goals: []Goal{Faster(50, lab.Dockerfile)}}, []Verdict{
			{"75.0 × faster", "≥ 50 × faster than Dockerfile", true, true}, {"", "no compile", true, true}}},
		{Row{Name: "docs", Goals: []Goal{Faster(50, lab.Dockerfile).In("test")}}, []Verdict{
			{"37.5 × faster", "≥ 50 × faster than Dockerfile in “test”", true, false}, {"", "no compile", true, false}}},
		{Row{Name: "nothing", Goals: []Goal{AtMostMore(500*time.Millisecond, lab.Dockerfile)}}, []Verdict{
			{"+0.2 s", "≤ Dockerfile + 0.5 s", true, true}}},
		{Row{Name: "fleet", Goals: []Goal{AtMost(3, lab.XBuild).In("one")}}, []Verdict{
			{"", "≤ 3.00 × xbuild in “one”", false, false}}},
		{Row{Name: "text", Goals: []Goal{AtMost(1, lab.Dockerfile)}}, []Verdict{{"", "≤ 1.00 × Dockerfile", false, false}}},
		{Row{Name: "edit", Judged: lab.GoBuild, Goals: []Goal{Faster(2, lab.Dockerfile)}}, []Verdict{
			{"3.0 × faster", "≥ 2 × faster than Dockerfile", true, true}}},
	} {
		if got := tt.row.Judge(table); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.row.Name, got, tt.want)
		}
	}
}

// counted are experiments whose columns take what numbers says, and what was asked of them.
func counted(asked *[]string, numbers map[string]float64) []Experiment {
	start := func(name string) Start {
		return func(context.Context, *lab.Lab, int) (Measure, error) {
			return func(_ context.Context, column string) (m Measured, err error) {
				*asked = append(*asked, name+" "+column)
				if numbers[column] < 0 {
					return m, errors.New("no")
				}
				m.Number = numbers[column]
				return m, nil
			}, nil
		}
	}
	return []Experiment{{Suite: "s", Name: "e", Columns: []string{"slow", "quick"}, Setup: time.Minute, Rows: []Row{
		{Name: "both", Start: start("both"), Estimate: time.Minute},
		{Name: "one", Start: start("one"), Estimate: 2 * time.Minute, Once: true, Only: []string{"quick"}},
	}}}
}

func TestRun(t *testing.T) {
	var asked []string
	file := filepath.Join(t.TempDir(), "bench.json")
	r := Runner{Report: &result.Report{}, File: file, Runs: 2, Log: &strings.Builder{}}
	numbers := map[string]float64{"slow": 101, "quick": 1}
	if got := Remaining(counted(&asked, numbers), r.Report, 2); got != 5*time.Minute {
		t.Errorf("%s to go", got)
	}
	if err := r.Run(t.Context(), counted(&asked, numbers)); err != nil {
		t.Fatal(err)
	}
	want := []string{"both slow", "both quick", "both quick", "one quick"} // slow takes too long to run again
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	saved, err := result.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(saved.Table("s", "e").Row("both").Cell("quick").Values); got != 2 {
		t.Errorf("%d values are saved, want 2", got)
	}

	asked, r.Report = nil, saved
	saved.Tables[0].Rows = saved.Tables[0].Rows[:1] // interrupted before the last row
	if got := Remaining(counted(&asked, numbers), saved, 2); got != 3*time.Minute {
		t.Errorf("%s to go after an interruption", got)
	}
	if err := r.Run(t.Context(), counted(&asked, numbers)); err != nil || !slices.Equal(asked, want[3:]) {
		t.Errorf("asked %q after an interruption: %v", asked, err)
	}
}

// TestTurn holds that no column is the first of each run.
func TestTurn(t *testing.T) {
	e, r := Experiment{Columns: []string{"a", "b", "c"}}, Row{Only: []string{"c", "a"}}
	for run, want := range []string{"a c", "c a", "a c"} {
		if got := strings.Join(r.turn(e, run), " "); got != want {
			t.Errorf("run %d: %s, want %s", run, got, want)
		}
	}
}

// TestRunFails goes on after a row that fails, and doesn't keep it.
func TestRunFails(t *testing.T) {
	var asked []string
	r := Runner{Report: &result.Report{}, File: filepath.Join(t.TempDir(), "bench.json"), Runs: 1, Log: &strings.Builder{}}
	err := r.Run(t.Context(), counted(&asked, map[string]float64{"slow": -1, "quick": 1}))
	if err == nil || r.Report.Table("s", "e").Row("both") != nil || r.Report.Table("s", "e").Row("one") == nil {
		t.Errorf("%v; %+v", err, r.Report.Table("s", "e"))
	}
}

// TestOtherBinaries holds that columns make the same binaries.
func TestOtherBinaries(t *testing.T) {
	start := func(context.Context, *lab.Lab, int) (Measure, error) {
		return func(_ context.Context, column string) (Measured, error) {
			return Measured{Binaries: map[string]string{"linux/amd64/shop": column}}, nil
		}, nil
	}
	r := Runner{Report: &result.Report{}, File: filepath.Join(t.TempDir(), "bench.json"), Runs: 1, Log: &strings.Builder{}}
	err := r.Run(t.Context(), []Experiment{{Suite: "s", Name: "e", Columns: []string{"a", "b"}, Rows: []Row{{Name: "x", Start: start}}}})
	if err == nil || !strings.Contains(err.Error(), "b made other binaries") {
		t.Errorf("got %v", err)
	}
}

func TestNoneRan(t *testing.T) {
	r := NoneRan(`^\[(std|deps) `, "no std, no deps")
	for _, c := range []struct {
		step string
		want bool
	}{{"[deps linux/amd64] compile", false}, {"[shop linux/amd64] compile", true}} {
		s := &lab.Sample{Steps: []result.Step{{Name: c.step}, {Name: "[std linux/amd64] compile", Cached: true}}}
		if got := r.Check(nil, s); got.Held != c.want || got.Text != "no std, no deps" {
			t.Errorf("%s: %+v", c.step, got)
		}
	}
}
