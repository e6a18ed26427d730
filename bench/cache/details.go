package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// exports writes what exporting a cache costs.
func exports(w *strings.Builder, r *row) {
	w.WriteString("\n## Cache export\n\n" +
		"The first export of a warm daemon, mode=max, to the registry: the time that the build with it takes longer than the one\n" +
		"without. The size is what the cache's manifest refers to; a blob that is referred to twice is counted twice.\n\n" +
		"| contestant | seconds more | MB | blobs | referred to twice | MB of each, from 1 MB on |\n|---|---|---|---|---|---|\n")
	for _, c := range []string{xbuild, dockerfile, listedDeps, generated} {
		s := r.median(c)
		if s == nil {
			continue
		}
		var sizes []string
		var total int64
		digests := map[string]bool{}
		slices.SortFunc(s.cache, func(a, b blob) int { return cmp.Compare(b.size, a.size) })
		for _, b := range s.cache {
			total += b.size
			digests[b.digest] = true
			if b.size >= 1e6 {
				sizes = append(sizes, megabytes(b.size))
			}
		}
		fmt.Fprintf(w, "| %s | %.2f | %s | %d | %d | %s |\n", c, s.took.Seconds(), megabytes(total), len(s.cache),
			len(s.cache)-len(digests), strings.Join(sizes, ", "))
	}
}

// ran writes what became of the steps of xbuild.
func ran(w *strings.Builder, rows []*row) {
	w.WriteString("\n## Steps of xbuild\n\n| scenario | from a cache | ran |\n|---|---|---|\n")
	for _, r := range rows {
		s := r.median(xbuild)
		if s == nil || r.state == export {
			continue
		}
		var names []string
		for _, name := range s.ran() {
			names = append(names, "`"+name+"`")
		}
		fmt.Fprintf(w, "| %s | %d | %s |\n", r.name, s.cached(), cmp.Or(strings.Join(names, ", "), "none"))
	}
}

// explain writes the steps of xbuild's median run in the rows that ask for it, and in those that missed a target.
func explain(w *strings.Builder, rows []*row, byName map[string]*row) {
	w.WriteString("\n## What the time is made of\n\n" +
		"The steps of xbuild's median run, in seconds since the start of the command; those that took less than 10 ms and\n" +
		"cached ones of which nothing was pulled are left out. A step's time can hold time in which it waited for another.\n")
	for _, r := range rows {
		s := r.median(xbuild)
		if s == nil || r.state == export || !r.explain && !r.missedAny(byName) {
			continue
		}
		fmt.Fprintf(w, "\n%s: %.2f s\n\n```\n", r.name, s.took.Seconds())
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprint(t, "start\tend\tMB received\t\t  step\n")
		for _, st := range s.steps {
			if st.received == 0 && (st.cached || st.end-st.start < 10*time.Millisecond) {
				continue
			}
			how, received := "", ""
			if st.cached {
				how = "cached"
			}
			if st.received > 0 {
				received = megabytes(st.received)
			}
			fmt.Fprintf(t, "%.2f\t%.2f\t%s\t%s\t  %s\n", st.start.Seconds(), st.end.Seconds(), received, how, st.name)
		}
		t.Flush()
		w.WriteString("```\n")
	}
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.2f", float64(bytes)/1e6) }
