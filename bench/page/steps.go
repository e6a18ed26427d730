package page

import (
	"fmt"
	"html"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
	"github.com/acme/xbuild/internal/report"
)

// shortest is what a step takes that is worth a line.
const shortest = 10 * time.Millisecond

// steps writes those of xbuild's median run in the rows that are explained.
func (t table) steps(w *writer) {
	for _, r := range t.Experiment.Rows {
		v, ok := t.Row(r.Name).Cell(lab.XBuild).Median()
		if !r.Explain || !ok || len(v.Steps) == 0 {
			continue
		}
		w.line("<details><summary>Steps of xbuild's median run: %s, %s</summary>\n<p>Seconds since the start of the command. Steps below %d ms, "+
			"and cached ones of which nothing was received, are left out. A step's time can hold time in which it waited for another.</p>\n<pre>\n%s</pre>\n</details>",
			html.EscapeString(oneLine(r.Name)), html.EscapeString(took(v, r)), shortest.Milliseconds(), html.EscapeString(listing(v.Steps)))
		w.command(t.Experiment.Suite)
	}
}

func took(v result.Value, r suite.Row) string {
	return shown(&result.Cell{Values: []result.Value{v}}, r.Unit)
}

// listing is a table of steps as text of fixed width.
func listing(steps []result.Step) string {
	var out strings.Builder
	t := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "start\tend\tMB received\t\t  step\n")
	for _, s := range steps {
		if s.Received == 0 && (s.Cached || s.End-s.Start < shortest) {
			continue
		}
		how, received := "", ""
		if s.Cached {
			how = "cached"
		}
		if s.Received > 0 {
			received = fmt.Sprintf("%.2f", float64(s.Received)/1e6)
		}
		fmt.Fprintf(t, "%.2f\t%.2f\t%s\t%s\t  %s\n", s.Start.Seconds(), s.End.Seconds(), received, how, report.Short(oneLine(s.Name)))
	}
	t.Flush() // a Builder takes all
	return out.String()
}
