package page

import (
	"cmp"
	"slices"

	"github.com/acme/xbuild/bench/plot"
	"github.com/acme/xbuild/bench/suite"
)

// picture is a plot, and the name of its file.
type picture struct {
	name string
	plot *plot.Plot
	draw func(*plot.Plot) []byte
}

// colours gives every column one colour in all plots: the contestants in their order, then the others in theirs.
func colours(experiments []suite.Experiment) map[string]int {
	all := map[string]int{}
	for _, c := range contestants {
		all[c.name] = len(all)
	}
	for _, e := range experiments {
		for _, c := range e.Columns {
			if _, ok := all[c]; !ok {
				all[c] = len(all)
			}
		}
	}
	return all
}

// plots are the pictures of a table: one for each unit, since numbers of different units have no axis in common.
func (t table) plots() (pictures []picture) {
	draw := map[suite.Kind]func(*plot.Plot) []byte{suite.Bars: plot.Bars, suite.Lines: plot.Lines}[t.Plot.Kind]
	if draw == nil {
		return nil
	}
	var units []string
	rows := map[string][]suite.Row{}
	for _, r := range t.Experiment.Rows {
		if len(t.Plot.Rows) > 0 && !slices.Contains(t.Plot.Rows, r.Name) || !t.measured(r) {
			continue
		}
		unit := cmp.Or(r.Unit, "s")
		if rows[unit] == nil {
			units = append(units, unit)
		}
		rows[unit] = append(rows[unit], r)
	}
	for i, unit := range units {
		name := t.id()
		if i > 0 {
			name += "-" + slug(unit)
		}
		if p := t.plotted(unit, rows[unit]); p != nil {
			pictures = append(pictures, picture{name, p, draw})
		}
	}
	return pictures
}

// plotted are the figures of rows of one unit, nil when there is no number. Columns that take no part are left out.
func (t table) plotted(unit string, rows []suite.Row) *plot.Plot {
	names := map[string]string{"s": "seconds"}
	p := &plot.Plot{Title: oneLine(t.Title), X: oneLine(t.Plot.X), Log: t.Plot.Log,
		Note: cmp.Or(names[unit], oneLine(unit)) + "; less is better; median of the runs, whiskers from the least to the most"}
	columns := slices.DeleteFunc(slices.Clone(t.Columns), func(c string) bool {
		return !slices.ContainsFunc(rows, func(r suite.Row) bool { return t.Row(r.Name).Cell(c) != nil })
	})
	for _, c := range columns {
		p.Columns = append(p.Columns, plot.Column{Name: oneLine(c), Colour: t.colours[c]})
	}
	numbers := 0
	for _, r := range rows {
		g := plot.Group{Name: oneLine(r.Name)}
		for _, c := range columns {
			v := t.value(r, c)
			if v.Has {
				numbers++
			}
			g.Values = append(g.Values, v)
		}
		p.Groups = append(p.Groups, g)
	}
	if numbers == 0 {
		return nil
	}
	return p
}

func (t table) value(r suite.Row, column string) (v plot.Value) {
	c := t.Row(r.Name).Cell(column)
	if c == nil || len(c.Values) == 0 {
		return v
	}
	v.Label = oneLine(shown(c, r.Unit))
	if v.Median, v.Has = c.Number(); v.Has {
		v.Least, v.Most = c.Spread()
	}
	return v
}
