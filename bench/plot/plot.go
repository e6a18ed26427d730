// Package plot draws figures as SVG, in light and dark, narrow enough for a phone.
package plot

import (
	_ "embed"
	"fmt"
	"math"

	"github.com/acme/xbuild/internal/svg"
)

//go:embed style.css
var style string

// Colours is how many there are for columns. The first is the accent.
const Colours = 8

// Plot is figures by group and column.
type Plot struct {
	Title   string
	Note    string // what the numbers are
	X       string // what the names of groups are, for Lines
	Log     bool   // the axis of the numbers
	Columns []Column
	Groups  []Group
}

// Column is what is compared. Colour is counted from 0 and taken modulo [Colours].
type Column struct {
	Name   string
	Colour int
}

// Group has a value for each column, in their order.
type Group struct {
	Name   string
	Values []Value
}

// Value is a number with its spread, when it has one: the label alone is shown otherwise. The zero value takes no part.
type Value struct {
	Has                 bool
	Median, Least, Most float64
	Label               string
}

// Sizes in pixels.
const (
	width = 460
	pad   = 14
	lineH = 17
	gap   = 8
)

// figure is a plot as it is drawn, from the top.
type figure struct {
	svg.Canvas
	*Plot
	y int // where the next thing goes
}

// headHeight is what the title and the note take.
func (p *Plot) headHeight() int {
	return pad + (len(p.titleLines())+len(p.noteLines()))*lineH + gap
}

func (p *Plot) titleLines() []string { return svg.Wrap(p.Title, svg.Fit(width-2*pad)) }

func (p *Plot) noteLines() []string {
	note := p.Note
	if p.Log {
		note += "; logarithmic scale"
	}
	return svg.Wrap(note, svg.Fit(width-2*pad))
}

// open begins a picture of the height.
func (f *figure) open(height int) {
	f.Open(width, height, f.Title, f.describe(), style)
	f.y = pad - 3
	for _, line := range f.titleLines() {
		f.y += lineH
		f.Text(pad, f.y, "h", line)
	}
	for _, line := range f.noteLines() {
		f.y += lineH
		f.Text(pad, f.y, "s", line)
	}
	f.y = f.headHeight()
}

// describe is all that is drawn, in words.
func (p *Plot) describe() string {
	text := p.Note + "."
	for _, g := range p.Groups {
		text += " " + g.Name + ":"
		for i, v := range g.Values {
			if v.Label != "" {
				text += fmt.Sprintf(" %s %s,", p.Columns[i].Name, v.Label)
			}
		}
		text = text[:len(text)-1] + "."
	}
	return text
}

// class is the look of a column.
func (c Column) class() string { return fmt.Sprintf("c%d", c.colour()) }

func (c Column) colour() int { return (c.Colour%Colours + Colours) % Colours }

// numbers are all that an axis has to have room for.
func (p *Plot) numbers() (all []float64) {
	for _, g := range p.Groups {
		for _, v := range g.Values {
			if v.Has {
				all = append(all, v.Least, v.Median, v.Most)
			}
		}
	}
	return all
}

// axis maps numbers to pixels.
type axis struct {
	low, high float64
	from, to  float64 // the pixels of low and high
	log       bool
}

// newAxis has room for the numbers. A logarithmic one begins at the power of ten below those over 0, a linear one at 0,
// or where the least is below it.
func newAxis(numbers []float64, log bool, from, to int) axis {
	a := axis{from: float64(from), to: float64(to), log: log, low: math.Inf(1)}
	for _, n := range numbers {
		a.high = max(a.high, n)
		if !log || n > 0 {
			a.low = min(a.low, n)
		}
	}
	switch {
	case log && a.high > 0:
		a.low = math.Pow(10, math.Ceil(math.Log10(a.low))-1)
	case log: // there is nothing to draw
		a.low, a.high = 1, 10
	default:
		a.low = min(a.low, 0)
	}
	if a.high <= a.low {
		a.high = a.low + 1
	}
	return a
}

// at is the pixel of a number.
func (a axis) at(n float64) float64 {
	share := (n - a.low) / (a.high - a.low)
	if a.log {
		share = math.Log(max(n, a.low)/a.low) / math.Log(a.high/a.low)
	}
	return a.from + share*(a.to-a.from)
}

// ticks are round numbers on the axis, at most about seven.
func (a axis) ticks() (ticks []float64) {
	if a.log {
		return a.powers()
	}
	step := math.Pow(10, math.Floor(math.Log10(a.high-a.low)))
	for _, finer := range []float64{.1, .2, .5, 1} {
		if (a.high-a.low)/(step*finer) <= 5 {
			step *= finer
			break
		}
	}
	for i := math.Ceil(a.low / step); i*step <= a.high; i++ {
		ticks = append(ticks, i*step+0) // -0 + 0 is 0
	}
	return ticks
}

// powers are those of ten, and where they are few, twice and five times them.
func (a axis) powers() (ticks []float64) {
	decades := math.Log10(a.high / a.low)
	every := max(1, int(math.Ceil(decades/6)))
	first := int(math.Round(math.Log10(a.low)))
	for e := first; math.Pow10(e) <= a.high; e += every {
		ticks = append(ticks, math.Pow10(e))
		for _, times := range []float64{2, 5} {
			if n := times * math.Pow10(e); decades <= 2 && n <= a.high {
				ticks = append(ticks, n)
			}
		}
	}
	return ticks
}

// round is a number on an axis, without what arithmetic adds.
func round(n float64) string { return fmt.Sprintf("%.6g", n) }
