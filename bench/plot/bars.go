package plot

import "github.com/acme/xbuild/internal/svg"

const (
	barH    = 12
	longest = 22 // places of a column's name
)

// Bars draws a group of bars for each group, with the numbers at their ends.
func Bars(p *Plot) []byte {
	f := &figure{Plot: p}
	names, labels := 0, 0
	for _, c := range p.Columns {
		names = max(names, svg.Width(svg.Cut(c.Name, longest)))
	}
	height := p.headHeight() + lineH
	for _, g := range p.Groups {
		height += f.groupHeight(g)
		for _, v := range g.Values {
			if v.Has {
				labels = max(labels, svg.Width(v.Label))
			}
		}
	}
	a := newAxis(p.numbers(), p.Log, pad+names+gap, width-pad-labels-gap)
	f.open(height + pad - gap)
	f.grid(a, height-gap)
	for _, g := range p.Groups {
		f.group(a, g)
	}
	return f.Close()
}

// groupTitle are the lines of a group's name.
func groupTitle(g Group) []string { return svg.Wrap(g.Name, svg.Fit(width-2*pad)) }

func (f *figure) groupHeight(g Group) int {
	height := len(groupTitle(g))*lineH + gap
	for _, v := range g.Values {
		if v.Label != "" {
			height += lineH
		}
	}
	return height
}

// grid draws the ticks of a horizontal axis down to bottom, with their numbers above.
func (f *figure) grid(a axis, bottom int) {
	end := float64(pad)
	for _, n := range a.ticks() {
		x, t := a.at(n), round(n)
		f.Printf("<path class=\"grid\" d=\"M%.1f %dV%d\"/>\n", x, f.y+lineH-gap/2, bottom)
		if half := float64(svg.Width(t)) / 2; x-half >= end {
			f.Text(int(x-half), f.y+lineH-gap, "s", t)
			end = x + half + gap
		}
	}
	f.y += lineH
}

func (f *figure) group(a axis, g Group) {
	for _, line := range groupTitle(g) {
		f.y += lineH
		f.Text(pad, f.y-4, "h", line)
	}
	for i, v := range g.Values {
		if v.Label == "" {
			continue
		}
		c := f.Columns[i]
		f.Text(pad, f.y+barH-1, "", svg.Cut(c.Name, longest))
		end := a.at(max(a.low, 0))
		if v.Has {
			end = f.bar(a, c, v)
		}
		f.Text(int(end)+gap, f.y+barH-1, "", svg.Cut(v.Label, svg.Fit(width-pad/2-int(end)-gap)))
		f.y += lineH
	}
	f.y += gap
}

// bar draws a number and its spread, and gives where they end.
func (f *figure) bar(a axis, c Column, v Value) (end float64) {
	zero, x := a.at(max(a.low, 0)), a.at(v.Median)
	f.Printf("<rect class=%q x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>\n", c.class(), min(zero, x), f.y+1, max(zero, x)-min(zero, x)+.5, barH)
	least, most := a.at(v.Least), a.at(v.Most)
	if most-least >= 1 {
		y := f.y + 1 + barH/2
		for _, class := range []string{"halo", "spread"} {
			f.Printf("<path class=%q d=\"M%.1f %dH%.1fM%.1f %dv6M%.1f %dv6\"/>\n", class, least, y, most, least, y-3, most, y-3)
		}
	}
	return max(zero, x, most)
}
