package graph

// place gives every slot its height, near the middle of what it is connected with.
func place(slots [][]*slot) {
	for _, col := range slots {
		y := 0
		for i, s := range col {
			if i > 0 {
				y += apart(col[i-1], s)
			}
			s.y = y
		}
	}
	for n := range sweeps {
		for i := range slots {
			col, side := slots[i], func(s *slot) []*slot { return s.left }
			if n%2 == 1 {
				col, side = slots[len(slots)-1-i], func(s *slot) []*slot { return s.right }
			}
			settle(col, side)
		}
	}
	top := 0
	for i, col := range slots {
		for j, s := range col {
			if y := s.y - s.h/2; i == 0 && j == 0 || y < top {
				top = y
			}
		}
	}
	for _, col := range slots {
		for _, s := range col {
			s.y -= top
		}
	}
}

// apart is the least distance of the middles of a slot and the one below it.
func apart(a, b *slot) int { return (a.h+1)/2 + (b.h+1)/2 + gapY }

// block is a run of slots that lie close to each other: sum is that of their wanted heights.
type block struct{ sum, n int }

// settle moves the slots of a column as near to where they want to be as their order and
// size let them, by least squares: slots that would overlap are pooled.
func settle(col []*slot, side func(*slot) []*slot) {
	var blocks []block
	offset := make([]int, len(col)) // from the first slot, were all close
	for i, s := range col {
		if i > 0 {
			offset[i] = offset[i-1] + apart(col[i-1], s)
		}
		blocks = append(blocks, block{wanted(s, side(s)) - offset[i], 1})
		for n := len(blocks); n > 1 && blocks[n-2].sum*blocks[n-1].n > blocks[n-1].sum*blocks[n-2].n; n = len(blocks) {
			blocks[n-2].sum += blocks[n-1].sum
			blocks[n-2].n += blocks[n-1].n
			blocks = blocks[:n-1]
		}
	}
	i := 0
	for _, b := range blocks {
		for range b.n {
			col[i].y = floorDiv(b.sum, b.n) + offset[i]
			i++
		}
	}
}

// wanted is the mean height of the slots that a slot is connected with.
func wanted(s *slot, others []*slot) int {
	if len(others) == 0 {
		return s.y
	}
	sum := 0
	for _, o := range others {
		sum += o.y
	}
	return floorDiv(sum, len(others))
}

// floorDiv rounds down, so that it keeps the order of what is divided.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
