package svg

import (
	"strings"
	"unicode"
)

// Cells is how many places of a font of fixed width a text takes.
func Cells(t string) (n int) {
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

// Cut shortens a text to a number of places in the middle, where names differ least.
func Cut(t string, most int) string {
	if Cells(t) <= most {
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

// Width is how wide a text is in an SVG, in pixels.
func Width(t string) int { return (Cells(t)*charW + 9) / 10 }

// Fit is how many places of the font there are in a width in pixels.
func Fit(width int) int { return width * 10 / charW }

const charW = 73 // width of a place in tenths of a pixel

// Wrap breaks a text between words into lines of at most so many places; a word that is longer is cut.
func Wrap(t string, most int) (lines []string) {
	for _, word := range strings.Fields(t) {
		word = Cut(word, most)
		if last := len(lines) - 1; last >= 0 && Cells(lines[last])+1+Cells(word) <= most {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
