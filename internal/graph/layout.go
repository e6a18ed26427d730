package graph

import (
	"cmp"
	"slices"
)

// Layout is where the nodes of a graph are: in columns from left to right by stage, a
// node right of all that it needs. Lengths are whole pixels, so a layout is the same on
// every machine.
type Layout struct {
	Columns       []Column
	Boxes         []Box  // by node
	Wires         []Wire // to what needs the node, by node
	Width, Height int
}

// Column is what one stage has.
type Column struct {
	Stage    Stage
	X, Width int
}

// Box is the place of a node.
type Box struct{ X, Y, W, H int }

// Wire is the way from a node to all that need it: through columns that have no such node
// it runs in a lane of its own.
type Wire struct {
	To     []int   // nodes
	Curves []Curve // each from the right side of a box or the end of a lane to the next
	Lanes  []Lane
}

// Curve is a way across the gap between two columns.
type Curve struct{ X1, Y1, X2, Y2 int }

// Lane is a straight way across a column.
type Lane struct{ X1, X2, Y int }

// Distances of a layout.
const (
	gapX      = 44 // between columns
	gapY      = 12 // between the boxes of a column
	laneH     = 8
	sweeps    = 12
	maxCurves = 2000 // in one gap, above which crossings are not counted
)

// slot is a place in a column: a box, or a lane that passes.
type slot struct {
	node        int
	lane        bool
	col, h, y   int // y is the middle
	left, right []*slot
	order       int
}

// arrange lays out boxes of these sizes, which nodes have by their index.
func arrange(g *Graph, size []Box) *Layout {
	cols, stages := columns(g)
	slots, at := makeSlots(g, cols, len(stages), size)
	orderSlots(slots)
	place(slots)
	l := &Layout{Boxes: make([]Box, len(g.Nodes)), Wires: make([]Wire, len(g.Nodes))}
	for c, stage := range stages {
		col := Column{Stage: stage, X: l.Width}
		for i, n := range cols {
			if n == c {
				col.Width = max(col.Width, size[i].W)
			}
		}
		l.Width += col.Width + gapX
		l.Columns = append(l.Columns, col)
	}
	l.Width -= gapX
	for i := range g.Nodes {
		s, col := at[i], l.Columns[cols[i]]
		l.Boxes[i] = Box{X: col.X, Y: s.y - s.h/2, W: col.Width, H: s.h}
		l.Height = max(l.Height, s.y-s.h/2+s.h)
	}
	for _, column := range slots {
		for _, s := range column {
			l.wire(s)
			l.Height = max(l.Height, s.y+s.h/2)
		}
	}
	for i, n := range g.Nodes {
		for _, in := range n.Inputs {
			l.Wires[in].To = append(l.Wires[in].To, i)
		}
	}
	return l
}

// wire adds what starts in a slot to the wire of its node.
func (l *Layout) wire(s *slot) {
	w, col := &l.Wires[s.node], l.Columns[s.col]
	if s.lane {
		w.Lanes = append(w.Lanes, Lane{X1: col.X, X2: col.X + col.Width, Y: s.y})
	}
	for _, to := range s.right {
		w.Curves = append(w.Curves, Curve{X1: col.X + col.Width, Y1: s.y, X2: l.Columns[to.col].X, Y2: to.y})
	}
}

// columns gives each node its column, and each column its stage; stages without a node have none.
func columns(g *Graph) (cols []int, stages []Stage) {
	stages = stagesOf(g)
	for _, n := range g.Nodes {
		cols = append(cols, slices.Index(stages, n.Stage))
	}
	return cols, stages
}

// makeSlots gives the slots of each column, in the order of the nodes, and that of each node.
func makeSlots(g *Graph, cols []int, n int, size []Box) (slots [][]*slot, at []*slot) {
	slots = make([][]*slot, n)
	for i := range g.Nodes {
		s := &slot{node: i, col: cols[i], h: size[i].H}
		slots[s.col] = append(slots[s.col], s)
		at = append(at, s)
	}
	last := make([]*slot, len(g.Nodes)) // of the wire of a node so far
	copy(last, at)
	order := make([]int, len(g.Nodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(cols[a], cols[b]) })
	for _, i := range order { // of each wire, the nearer ends come first
		for _, in := range g.Nodes[i].Inputs {
			for last[in].col < cols[i]-1 {
				s := &slot{node: in, lane: true, col: last[in].col + 1, h: laneH}
				slots[s.col] = append(slots[s.col], s)
				connect(last[in], s)
				last[in] = s
			}
			connect(last[in], at[i])
		}
	}
	return slots, at
}

func connect(left, right *slot) {
	left.right = append(left.right, right)
	right.left = append(right.left, left)
}

// orderSlots orders each column by the middle of what its slots are connected with, there
// and back, and keeps the order with the fewest crossings.
func orderSlots(slots [][]*slot) {
	number(slots)
	best, kept := crossings(slots), clone(slots)
	for n := range sweeps {
		for i := range slots {
			col, side := slots[i], func(s *slot) []*slot { return s.left }
			if n%2 == 1 {
				col, side = slots[len(slots)-1-i], func(s *slot) []*slot { return s.right }
			}
			slices.SortStableFunc(col, func(a, b *slot) int { return cmp.Compare(middle(side(a), a.order), middle(side(b), b.order)) })
			for order, s := range col {
				s.order = order
			}
		}
		if c := crossings(slots); c < best {
			best, kept = c, clone(slots)
		}
	}
	copy(slots, kept)
	number(slots)
}

func clone(slots [][]*slot) (out [][]*slot) {
	for _, col := range slots {
		out = append(out, slices.Clone(col))
	}
	return out
}

func number(slots [][]*slot) {
	for _, col := range slots {
		for i, s := range col {
			s.order = i
		}
	}
}

// middle is the mean place of slots in thousandths, or own when there are none.
func middle(slots []*slot, own int) int {
	if len(slots) == 0 {
		return own * 1000
	}
	sum := 0
	for _, s := range slots {
		sum += s.order * 1000
	}
	return sum / len(slots)
}

// crossings counts the pairs of curves that cross.
func crossings(slots [][]*slot) (n int) {
	for _, col := range slots {
		var ends []int // of curves by their start, from top to bottom
		for _, s := range col {
			to := make([]int, 0, len(s.right))
			for _, r := range s.right {
				to = append(to, r.order)
			}
			slices.Sort(to)
			ends = append(ends, to...)
		}
		if len(ends) > maxCurves {
			continue
		}
		for i, a := range ends {
			for _, b := range ends[i+1:] {
				if b < a {
					n++
				}
			}
		}
	}
	return n
}
