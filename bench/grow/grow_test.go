package grow

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// TestExperiments holds what the runner and the plots take for granted.
func TestExperiments(t *testing.T) {
	var names []string
	for _, e := range Experiments() {
		if e.Suite != name || slices.Contains(names, e.Name) {
			t.Errorf("%s %s: another suite, or a second one of its name", e.Suite, e.Name)
		}
		names = append(names, e.Name)
		var rows []string
		for _, r := range e.Rows {
			if r.Start == nil || slices.Contains(rows, r.Name) {
				t.Errorf("%s, %s: no start, or a second one of its name", e.Name, r.Name)
			}
			rows = append(rows, r.Name)
			if _, err := strconv.Atoi(r.Name); e.Plot.Kind == suite.Lines && err != nil {
				t.Errorf("%s, %s: the rows of lines are numbers: %v", e.Name, r.Name, err)
			}
		}
	}
}

func TestScanTime(t *testing.T) {
	steps := []result.Step{
		{Name: "[source] narrow", Start: 2 * time.Second, End: 9 * time.Second},
		{Name: "[source] scan", Start: time.Second, End: 3 * time.Second},
	}
	if got, err := scanTime(steps); err != nil || got != 2*time.Second {
		t.Errorf("%s, %v", got, err)
	}
	steps[1].Cached = true
	if got, err := scanTime(steps); err == nil {
		t.Errorf("%s of a scan that did not run", got)
	}
}

// TestChange holds that no two builds of the same program are of the same source.
func TestChange(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{1, 2, 16} {
		for run := range 3 {
			for i := range n {
				seen[change(n, run, i).Files[shared]] = true
			}
		}
	}
	if want := 3 * (1 + 2 + 16); len(seen) != want {
		t.Errorf("%d sources of %d builds", len(seen), want)
	}
}

// TestPipelineChanges holds that all contestants' pipelines have the same changes, of the source and of the docs.
func TestPipelineChanges(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir, commands(1)); err != nil {
		t.Fatal(err)
	}
	if err := write(dir, map[string]string{"README.md": "# Words\n"}); err != nil {
		t.Fatal(err)
	}
	program, err := lab.Load(t.Context(), lab.Web, dir)
	if err != nil {
		t.Fatal(err)
	}
	p := &pipelines{}
	var sources []string
	for range 2 {
		if err := p.change(t.Context(), program); err != nil {
			t.Fatal(err)
		}
		if len(p.changes) != 2 || p.changes[docsBuild].Files["README.md"] == "" {
			t.Fatalf("changes %v", p.changes)
		}
		sources = append(sources, p.changes[editBuild].Files[program.Source])
	}
	if sources[0] == "" || sources[0] != sources[1] {
		t.Errorf("the second pipeline has another change:\n%q", sources)
	}
}
