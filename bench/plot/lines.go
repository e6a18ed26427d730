package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/svg"
)

// lineArea is how high the part of a plot is that has the lines.
const lineArea = 230

// Lines draws a line for each column over the numbers that groups are named by. Groups whose names don't begin with a number
// are left out.
func Lines(p *Plot) []byte {
	f := &figure{Plot: p}
	names, ticks := 0, 0
	for _, c := range p.Columns {
		names = max(names, svg.Width(svg.Cut(c.Name, longest)))
	}
	top := p.headHeight() + gap
	y := newAxis(p.numbers(), p.Log, top+lineArea, top)
	for _, n := range y.ticks() {
		ticks = max(ticks, svg.Width(round(n)))
	}
	xs := numbers(p.Groups)
	x := xAxis(xs, pad+ticks+2*gap, width-pad-names-3*gap)
	f.open(top + lineArea + 2*lineH + pad)
	f.frame(x, y, xs)
	var ends []end
	for i, c := range slices.Backward(p.Columns) { // the first is over the others
		points := f.points(i, x, y)
		if len(points) > 0 {
			f.line(c, points)
			ends = append(ends, end{c, points[len(points)-1].y})
		}
	}
	f.names(ends, int(x.to)+2*gap, top+lineArea)
	return f.Close()
}

// numbers are those that groups are named by, once each, from the least.
func numbers(groups []Group) (all []float64) {
	for _, g := range groups {
		if n, ok := number(g.Name); ok {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// xAxis is logarithmic where the numbers, which are sorted, are over 0 and far apart.
func xAxis(numbers []float64, from, to int) axis {
	if len(numbers) == 0 {
		return newAxis(nil, false, from, to)
	}
	low, high := numbers[0], numbers[len(numbers)-1]
	a := axis{low: low, high: high, from: float64(from), to: float64(to), log: low > 0 && high/low >= 30}
	if low == high {
		a.low, a.high = low-1, high+1
	}
	return a
}

// number is what a name begins with.
func number(name string) (float64, bool) {
	word, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	n, err := strconv.ParseFloat(strings.ReplaceAll(word, ",", ""), 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// frame draws both axes, with ticks at the numbers xs.
func (f *figure) frame(x, y axis, xs []float64) {
	for _, n := range y.ticks() {
		at, t := y.at(n), round(n)
		f.Printf("<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", x.from-gap, at, x.to+gap)
		f.Text(int(x.from)-2*gap+2-svg.Width(t), int(at)+4, "s", t)
	}
	bottom, end := int(y.from), math.Inf(-1)
	for _, n := range xs {
		at, t := x.at(n), round(n)
		if half := float64(svg.Width(t)) / 2; at-half >= end {
			f.Text(int(at-half), bottom+lineH, "s", t)
			end = at + half + gap
		}
	}
	name := f.X
	if x.log {
		name += " (logarithmic scale)"
	}
	name = svg.Cut(name, svg.Fit(width-2*pad))
	f.Text(max(pad, int((x.from+x.to)/2)-svg.Width(name)/2), bottom+2*lineH, "s", name)
}

// point is a value in pixels.
type point struct{ x, y, least, most float64 }

// points are those of a column, from left to right.
func (f *figure) points(column int, x, y axis) (points []point) {
	for _, g := range f.Groups {
		n, ok := number(g.Name)
		if v := g.Values[column]; ok && v.Has {
			points = append(points, point{x.at(n), y.at(v.Median), y.at(v.Least), y.at(v.Most)})
		}
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	return points
}

func (f *figure) line(c Column, points []point) {
	var d strings.Builder
	for i, p := range points {
		fmt.Fprintf(&d, "%c%.1f %.1f", "ML"[min(i, 1)], p.x, p.y)
	}
	f.Printf("<path class=\"l%d\" d=%q/>\n", c.colour(), d.String())
	for _, p := range points {
		if p.least-p.most >= 2 {
			f.Printf("<path class=\"l%d thin\" d=\"M%.1f %.1fV%.1fM%.1f %.1fh6M%.1f %.1fh6\"/>\n", c.colour(), p.x, p.least, p.most, p.x-3, p.least, p.x-3, p.most)
		}
		f.mark(c, p.x, p.y)
	}
}

// mark draws a point in a shape of the column's own.
func (f *figure) mark(c Column, x, y float64) {
	shapes := []string{"m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z", "m-4 -4h8v8h-8z", "m0 -5l5 9h-10z", "m0 -5l5 5l-5 5l-5 -5z"}
	f.Printf("<path class=%q d=\"M%.1f %.1f%s\"/>\n", c.class(), x, y, shapes[c.colour()%len(shapes)])
}

// end is where a line ends.
type end struct {
	column Column
	y      float64
}

// names writes the columns at x beside the ends of their lines, none over another.
func (f *figure) names(ends []end, x, bottom int) {
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.y, b.y) })
	for i := range ends {
		if i > 0 {
			ends[i].y = max(ends[i].y, ends[i-1].y+lineH)
		}
	}
	limit := float64(bottom)
	for i := len(ends) - 1; i >= 0; i-- {
		ends[i].y = min(ends[i].y, limit)
		limit = ends[i].y - lineH
	}
	for _, e := range ends {
		f.mark(e.column, float64(x), e.y)
		f.Text(x+gap, int(e.y)+4, "", svg.Cut(e.column.Name, longest))
	}
}
