package graph

import (
	"strings"
	"unicode"
)

// cells is how many places of a font of fixed width a text takes.
func cells(t string) (n int) {
	for _, r := range t {
		n += runeCells(r)
	}
	return n
}

// runeCells is 2 for what fonts draw wide: East Asian scripts and pictures.
func runeCells(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r):
		return 0
	case r >= 0x1100:
		return 2
	default:
		return 1
	}
}

// cut shortens a text to a number of places in the middle, where names differ least.
func cut(t string, most int) string {
	if cells(t) <= most {
		return t
	}
	runes := []rune(t)
	head, tail, n := 0, len(runes), 1
	for head < tail {
		i, fromHead := head, n%3 == 1 // two thirds of it are the end
		if !fromHead {
			i = tail - 1
		}
		if n += runeCells(runes[i]); n > most {
			break
		}
		if fromHead {
			head++
		} else {
			tail--
		}
	}
	return strings.Join([]string{string(runes[:head]), string(runes[tail:])}, "…")
}

// textWidth is how wide a text is in an SVG, in pixels.
func textWidth(t string) int { return (cells(t)*charW + 9) / 10 }
