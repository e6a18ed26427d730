// Package report writes what an engine found.
package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/trace"
	"example.com/own/value"
)

// Facts writes one line for each fact.
func Facts(w io.Writer, known facts.Facts) error {
	for _, name := range known.Names() {
		if _, err := fmt.Fprintf(w, "%s = %s\n", name, known[name]); err != nil {
			return err
		}
	}
	return nil
}

// Trace writes which rule set what.
func Trace(w io.Writer, steps trace.Trace) error {
	for i, step := range steps {
		for _, s := range step.Sets {
			if _, err := fmt.Fprintf(w, "%d. %s: %s = %s (was %s)\n", i+1, step.Rule, s.Fact, s.New, s.Old); err != nil {
				return err
			}
		}
	}
	return nil
}

// Functions writes a table of functions.
func Functions(w io.Writer, table functions.Table) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range slices.Sorted(maps.Keys(table)) {
		f := table[name]
		if _, err := fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", f.Name, list(f.Params), f.Result, f.Doc); err != nil {
			return err
		}
	}
	return t.Flush()
}

func list(kinds []value.Kind) string {
	s := ""
	for i, k := range kinds {
		if i > 0 {
			s += ", "
		}
		s += string(k)
	}
	return s
}
