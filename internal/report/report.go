// Package report makes a page of a build: where the time went, what was cached and what was
// not, for each platform.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/progress"
)

//go:embed report.html
var source string

var page = template.Must(template.New("report").Parse(source))

// HTML gives the page as one file that needs no other and no scripts. Equal builds give equal
// pages.
func HTML(b *progress.Build, title string) ([]byte, error) {
	var out bytes.Buffer
	if err := page.Execute(&out, newView(b, title)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// view is what the page shows.
type view struct {
	Title     string
	Verdict   string // "Built in 12.3 s"
	Bad       bool
	Started   string // with the date, in UTC; "" when nothing did
	Notes     []string
	Failed    []*row
	Warnings  []warning
	Path      []share
	Platforms []total
	Stages    []total
	Ticks     []tick
	Grid      float64 // distance of the ticks in percent
	Groups    []group
	Pending   []string
	Said      string // by the client
}

// row is a vertex in the waterfall.
type row struct {
	Stage, What string
	Mark, State string
	Class       string
	Bars        []bar
	Took        string
	Received    string
	Error       string
	Log         string
	Critical    bool

	place     place
	vertex    *progress.Vertex
	failedLog string
}

// bar is a span of a vertex, in percent of the build.
type bar struct {
	Left, Width float64
	Says        string
}

type group struct {
	Name string
	Rows []*row
}

type tick struct {
	Left float64
	Says string
}

type warning struct {
	Short, URL string
	Detail     string
}

// look is how a state is shown: a mark, a word and a class.
var looks = map[progress.State]struct{ mark, word, class string }{
	progress.Running:  {"▷", "still running", "running"},
	progress.Cached:   {"○", "cached", "cached"},
	progress.Executed: {"●", "executed", "executed"},
	progress.Failed:   {"✕", "failed", "failed"},
	progress.Canceled: {"⊘", "canceled", "canceled"},
}

// logLines is how much of what a step wrote is shown.
const logLines = 20

func newView(b *progress.Build, title string) *view {
	v := &view{Title: title, Said: plain(strings.Join(b.Text, "\n"))}
	if !b.Start.IsZero() {
		v.Started = b.Start.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	critical := map[*progress.Vertex]bool{}
	path := criticalPath(b)
	for _, s := range path {
		critical[s.vertex] = true
	}
	var rows []*row
	for _, x := range b.Vertices {
		if len(x.Spans) == 0 && x.State == progress.Pending {
			if x.Name != "" {
				v.Pending = append(v.Pending, x.Name)
			}
			continue
		}
		r := newRow(b, x)
		r.Critical = critical[x]
		rows = append(rows, r)
		if x.State == progress.Failed {
			v.Failed = append(v.Failed, r)
		}
	}
	v.Groups = groups(rows)
	v.Path = shares(b, path)
	v.Platforms = totals(rows, func(p place) string { return p.platform })
	slices.SortStableFunc(v.Platforms, func(a, b total) int { return strings.Compare(a.Name, b.Name) }) // what has none is first
	v.Stages = totals(rows, func(p place) string { return p.stage })
	v.Ticks, v.Grid = ticks(b.End.Sub(b.Start))
	v.judge(b, rows)
	for _, w := range b.Warnings {
		v.Warnings = append(v.Warnings, newWarning(w))
	}
	return v
}

func newWarning(w progress.Warning) warning {
	out := warning{Short: plain(w.Short), Detail: plain(w.Detail)}
	if strings.HasPrefix(w.URL, "https://") || strings.HasPrefix(w.URL, "http://") {
		out.URL = w.URL
	}
	return out
}

func newRow(b *progress.Build, x *progress.Vertex) *row {
	look := looks[x.State]
	p := placeOf(x.Name)
	r := &row{
		Stage: p.stage, What: Short(p.what), Mark: look.mark, State: look.word, Class: look.class, Took: seconds(x.Took()), Received: size(x.Received),
		Error: x.Error, Log: lastLines(plain(string(x.Log)), logLines), place: p, vertex: x,
	}
	if x.State == progress.Cached && x.Took() < time.Millisecond {
		r.Took = ""
	}
	if x.State == progress.Failed { // it is at the top of the page
		r.Log, r.failedLog = "", r.Log
	}
	whole := b.End.Sub(b.Start)
	for _, s := range x.Spans {
		r.Bars = append(r.Bars, bar{
			Left: percent(s.Start.Sub(b.Start), whole), Width: percent(s.End.Sub(s.Start), whole),
			Says: fmt.Sprintf("%s: %s to %s", look.word, seconds(s.Start.Sub(b.Start)), seconds(s.End.Sub(b.Start))),
		})
	}
	return r
}

// judge says how the build ended. That a cache can't be imported fails no build.
func (v *view) judge(b *progress.Build, rows []*row) {
	count := map[progress.State]int{}
	var received int64
	for _, r := range rows {
		received += r.vertex.Received
		if !r.place.service {
			count[r.vertex.State]++
		}
		if r.vertex.State == progress.Failed && !strings.HasPrefix(r.vertex.Name, "importing cache") {
			v.Bad = true
		}
	}
	for _, line := range b.Text {
		v.Bad = v.Bad || strings.HasPrefix(line, "ERROR:")
	}
	took := seconds(b.End.Sub(b.Start))
	switch unfinished := b.Cut || count[progress.Running] > 0; {
	case v.Bad:
		v.Verdict = "Failed after " + took
	case unfinished:
		v.Verdict, v.Bad = "Not finished: the progress ends after "+took, true
	case count[progress.Canceled] > 0:
		v.Verdict, v.Bad = "Canceled after "+took, true
	default:
		v.Verdict = "Built in " + took
	}
	if b.Cut {
		v.Notes = append(v.Notes, "the last event is not whole: the file was cut, or what wrote it was killed")
	}
	for _, s := range []progress.State{progress.Executed, progress.Cached, progress.Failed, progress.Canceled, progress.Running} {
		if n := count[s]; n > 0 || s == progress.Executed || s == progress.Cached {
			v.Notes = append(v.Notes, fmt.Sprintf("%d %s", n, looks[s].word))
		}
	}
	if len(v.Pending) > 0 {
		v.Notes = append(v.Notes, fmt.Sprintf("%d not needed or not reached", len(v.Pending)))
	}
	if received > 0 {
		v.Notes = append(v.Notes, size(received)+" received")
	}
}

// groups puts rows under the platform that they are for: first what is for all, last what
// BuildKit and the client do.
func groups(rows []*row) (out []group) {
	const all, service = "for all platforms", "BuildKit and the client"
	byName := map[string][]*row{}
	var names []string
	for _, r := range rows {
		name := r.place.platform
		switch {
		case r.place.service:
			name = service
		case name == "":
			name = all
		}
		if byName[name] == nil && name != all && name != service {
			names = append(names, name)
		}
		byName[name] = append(byName[name], r)
	}
	slices.Sort(names)
	for _, name := range slices.Concat([]string{all}, names, []string{service}) {
		if len(byName[name]) > 0 {
			out = append(out, group{name, byName[name]})
		}
	}
	return out
}

func percent(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(100, max(0, math.Round(float64(part)/float64(whole)*1000)/10))
}

// FailedLog is the log of a step that failed, which Log is not.
func (r *row) FailedLog() string { return r.failedLog }

// PlatformName is the platform that the row is for.
func (r *row) PlatformName() string { return r.place.platform }

// table is one of totals.
type table struct {
	Title  string
	Totals []total
	Empty  string // what stands for no name
	Others bool   // some are neither executed nor cached
	Bytes  bool   // some received something
}

// Table gives a table of totals.
func (*view) Table(title string, list []total, empty string) table {
	t := table{Title: title, Totals: list, Empty: empty}
	for _, s := range list {
		t.Others = t.Others || s.Others > 0
		t.Bytes = t.Bytes || s.Received != ""
	}
	return t
}
