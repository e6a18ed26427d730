package page

import (
	"fmt"
	"strings"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

// link names a row of a table.
func (t table) link(r suite.Row) string { return fmt.Sprintf("[%s](#%s)", escape(r.Name), t.id()) }

// promises writes all targets.
func promises(w *writer, tables []table) {
	rows := [][]string{{"", "promise", "measured", ""}}
	met, judged := 0, 0
	for _, t := range tables {
		for _, r := range t.Experiment.Rows {
			for _, v := range r.Judge(t.Table) {
				if v.Measured {
					judged++
				}
				if v.Met {
					met++
				}
				rows = append(rows, []string{t.link(r), escape(v.Target), escape(v.Ratio), word(v)})
			}
		}
	}
	if len(rows) == 1 {
		return
	}
	w.line("## Promises")
	w.line("What xbuild is built to reach; %d of the %d that were measured are met.", met, judged)
	w.rows(rows)
	w.command("")
}

// slower lists the rows in which xbuild is not the fastest, or not the smallest.
func slower(w *writer, tables []table) {
	w.line("## Where xbuild is not the fastest")
	rows := [][]string{{"", "xbuild", "better by over 5 %", "why"}}
	for _, t := range tables {
		for _, r := range t.Experiment.Rows {
			if better := t.better(r); len(better) > 0 {
				why := noPart
				if r.Why != "" {
					why = strings.ReplaceAll(oneLine(r.Why), "|", `\|`)
				}
				rows = append(rows, []string{t.link(r), escape(shown(t.Row(r.Name).Cell(lab.XBuild), r.Unit)), strings.Join(better, "<br>"), why})
			}
		}
	}
	if len(rows) == 1 {
		w.line("Nowhere: no other contestant's median is smaller by over 5 %%.")
	} else {
		w.line("Every row of the tables below in which another contestant's median is smaller than xbuild's by over 5 %%, with how many times as much xbuild takes.")
		w.rows(rows)
	}
	w.command("")
}

// better are the columns with clearly smaller numbers than xbuild's.
func (t table) better(r suite.Row) (columns []string) {
	row := t.Row(r.Name)
	own, ok := row.Cell(lab.XBuild).Number()
	for _, c := range t.Columns {
		n, has := row.Cell(c).Number()
		if !ok || !has || c == lab.XBuild || own <= n+(even-1)*max(n, -n) {
			continue
		}
		text := escape(c) + ": " + escape(shown(row.Cell(c), r.Unit))
		if ratio, ok := suite.Divide(own, n); ok && n > 0 {
			text += ", " + factor(ratio)
		}
		columns = append(columns, text)
	}
	return columns
}
