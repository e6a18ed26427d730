package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/bench/quick"
	"github.com/acme/xbuild/bench/result"
)

// TestExperiments holds that tables and rows have names of their own, estimates, and columns that there are.
func TestExperiments(t *testing.T) {
	var tables []string
	for _, e := range experiments() {
		name := e.Suite + " " + e.Name
		if slices.Contains(tables, name) {
			t.Errorf("%s is there twice", name)
		}
		tables = append(tables, name)
		var rows []string
		for _, r := range e.Rows {
			if slices.Contains(rows, r.Name) {
				t.Errorf("%s: row %q is there twice", name, r.Name)
			}
			rows = append(rows, r.Name)
			for _, c := range r.Only {
				if !slices.Contains(e.Columns, c) {
					t.Errorf("%s, %s: no column %q", name, r.Name, c)
				}
			}
		}
		for _, c := range []string{e.Compare.Old, e.Compare.New} {
			if c != "" && !slices.Contains(e.Columns, c) {
				t.Errorf("%s: no column %q to compare", name, c)
			}
		}
		for _, r := range e.Plot.Rows {
			if !slices.Contains(rows, r) {
				t.Errorf("%s: no row %q to draw", name, r)
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want []string // suites of the experiments
		err  string
	}{
		{[]string{"-suites", "quick,cache"}, []string{"cache", "quick"}, ""},
		{[]string{"-suites", "quick, "}, []string{"quick"}, ""},
		{[]string{"-suites", "cache", "-quick"}, []string{"quick"}, ""},
		{[]string{"-suites", "size"}, nil, `no suite is named "size"; there are cache, `},
		{[]string{"-runs", "0"}, nil, "-runs is at least 1"},
		{[]string{"cache"}, nil, "there are no arguments"},
	} {
		o, err := parse(tt.args)
		var got []string
		if err == nil {
			chosen, bad := o.chosen()
			err = bad
			for _, e := range chosen {
				got = append(got, e.Suite)
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, tt.want) {
			t.Errorf("%q: suites %q, want %q", tt.args, got, tt.want)
		}
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%q: error %v, want %q", tt.args, err, tt.err)
		}
	}
}

// quickResults have the ratio of each row of the suite quick.
func quickResults(ratio float64) *result.Report {
	e := quick.Experiments()[0]
	t := &result.Table{Suite: e.Suite, Name: e.Name}
	for _, r := range e.Rows {
		t.Rows = append(t.Rows, &result.Row{Name: r.Name, Cells: []*result.Cell{
			{Column: e.Compare.Old, Values: []result.Value{{Number: ratio}}},
			{Column: e.Compare.New, Values: []result.Value{{Number: 1}}},
		}})
	}
	return &result.Report{Tables: []*result.Table{t}}
}

func TestCompare(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	if err := compare(&strings.Builder{}, quickResults(9), quick.Experiments(), file); err == nil || !strings.Contains(err.Error(), "no earlier results") {
		t.Errorf("without results: %v", err)
	}
	if err := quickResults(12).Save(file); err != nil {
		t.Fatal(err)
	}
	if err := compare(&strings.Builder{}, quickResults(9), quick.Experiments(), file); err != nil {
		t.Errorf("a quarter less: %v", err)
	}
	if err := compare(&strings.Builder{}, quickResults(8), quick.Experiments(), file); err == nil || !strings.Contains(err.Error(), "cold: ") {
		t.Errorf("a third less: %v", err)
	}
}

// TestResultsKept keeps the tables of other suites.
func TestResultsKept(t *testing.T) {
	dir := t.TempDir()
	file, progress := filepath.Join(dir, "results.json"), filepath.Join(dir, "progress.json")
	old := &result.Report{Tables: []*result.Table{{Suite: "other", Name: "t"}}}
	if err := old.Save(file); err != nil {
		t.Fatal(err)
	}
	now := quickResults(2)
	if err := now.Save(progress); err != nil {
		t.Fatal(err)
	}
	if err := publish(now, quick.Experiments(), file, progress); err != nil {
		t.Fatal(err)
	}
	got, err := result.Load(file)
	if err != nil || got.Table("other", "t") == nil || got.Table(quick.Suite, "web") == nil {
		t.Errorf("%+v, %v", got, err)
	}
	if left, err := result.Load(progress); err != nil || len(left.Tables) > 0 {
		t.Errorf("progress is left: %+v, %v", left, err)
	}
}
