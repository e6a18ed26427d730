// Package page makes what people read of the results: docs/performance.md with its plots, and the block of the README.
// Equal results give equal bytes.
package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// Site is what the page is made of. Tables of which there is no experiment are not shown.
type Site struct {
	Experiments []suite.Experiment
	Report      *result.Report
	Headline    Headline
}

// Headline are the rows that the README shows.
type Headline struct {
	Suite, Name string
	Rows        []string
}

// table is an experiment with what was measured of it.
type table struct {
	suite.Experiment
	*result.Table
	colours map[string]int // of columns
}

// id names the table in links and files.
func (t table) id() string { return slug(t.Experiment.Suite) + "-" + slug(t.Experiment.Name) }

// measured reports whether the row has a result.
func (t table) measured(r suite.Row) bool { return t.Row(r.Name) != nil }

// tables are the experiments of which something was measured.
func (s Site) tables() (tables []table) {
	colours := colours(s.Experiments)
	for _, e := range s.Experiments {
		if got := s.Report.Table(e.Suite, e.Name); got != nil && len(got.Rows) > 0 {
			tables = append(tables, table{e, got, colours})
		}
	}
	return tables
}

// Page is docs/performance.md.
func (s Site) Page() []byte {
	w := &writer{}
	w.line("# Performance")
	w.line("<!-- `make bench-page` writes this page of bench/results.json -->")
	tables := s.tables()
	if len(tables) == 0 {
		w.line("Nothing was measured yet. What there is to measure:")
		s.rest(w, nil)
		s.compared(w, nil)
		return w.bytes()
	}
	w.line("xbuild beside what it is compared with. Every figure and plot of this page is written by the command that stands below it, on your machine, too.")
	promises(w, tables)
	slower(w, tables)
	s.compared(w, tables)
	common := machines(w, tables)
	last := ""
	for _, t := range tables {
		if t.Experiment.Suite != last {
			last = t.Experiment.Suite
			w.line("## Suite %s", escape(last))
		}
		t.section(w, common)
	}
	s.rest(w, tables)
	return w.bytes()
}

// section shows a table. What all machines have in common is said elsewhere.
func (t table) section(w *writer, common origin) {
	w.line("<a id=\"%s\"></a>", t.id())
	w.line("### %s", escape(t.Title))
	if t.About != "" {
		w.line("%s", t.About)
	}
	if text := describe(t.Machine).without(common).String(); text != "" {
		w.line("Measured %s.", text)
	}
	t.figures(w)
	w.command(t.Experiment.Suite)
	t.legend(w)
	t.reasons(w)
	for _, p := range t.plots() {
		w.line(`<img src="performance/%s.svg" width="575" alt="%s">`, p.name, attribute("Plot: "+p.plot.Title))
		w.command(t.Experiment.Suite)
	}
	t.steps(w)
}

// rest lists the experiments of which there is no result.
func (s Site) rest(w *writer, measured []table) {
	var items []string
	for _, e := range s.Experiments {
		if !slices.ContainsFunc(measured, func(t table) bool { return t.Experiment.Suite == e.Suite && t.Experiment.Name == e.Name }) {
			items = append(items, fmt.Sprintf("* %s: %s", escape(e.Title), command(e.Suite)))
		}
	}
	if len(items) == 0 {
		return
	}
	if len(measured) > 0 {
		w.line("## Not measured")
	}
	w.line("%s", strings.Join(items, "\n"))
}

// reasons say why rows are as they are that miss a goal or have a ratio below 1.
func (t table) reasons(w *writer) {
	var items []string
	for _, r := range t.Experiment.Rows {
		ratio, ok := t.Compare.Ratio(t.Row(r.Name))
		missed := slices.ContainsFunc(r.Judge(t.Table), func(v suite.Verdict) bool { return v.Measured && !v.Met })
		if r.Why != "" && (missed || ok && ratio < 1) {
			items = append(items, fmt.Sprintf("* Why “%s” is as it is: %s", escape(r.Name), oneLine(r.Why)))
		}
	}
	if len(items) > 0 {
		w.line("%s", strings.Join(items, "\n"))
	}
}
