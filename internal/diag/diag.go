// Package diag holds what every mistake in a spec is made of: a place in the
// file, a stable rule name, what is wrong, and the nearest legal word.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Pos is a place in a file. Line and Col count from 1; Col counts characters,
// not bytes. The zero Pos means that the place is not known, as in a spec that
// was built in Go rather than parsed.
type Pos struct {
	File string
	Line int
	Col  int
}

// IsValid reports whether the place is known.
func (p Pos) IsValid() bool { return p.Line > 0 }

func (p Pos) String() string {
	switch {
	case p.IsValid():
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	case p.File != "":
		return p.File
	default:
		return "spec"
	}
}

// Error is one mistake in the spec.
type Error struct {
	Pos  Pos
	Rule string // stable name of the kind of mistake: "unknown-key"
	Msg  string // `unknown key "platfroms"`
	Hint string // the legal word that was probably meant; "" when none is close
}

// Error gives the mistake as `file:line:col: what (did you mean "…"?) [rule]`. Further
// lines of Msg come after that.
func (e *Error) Error() string {
	what, more := e.parts()
	return fmt.Sprintf("%s: %s [%s]%s", e.Pos, what, e.Rule, more)
}

// Text gives the mistake without its place and rule: `what (did you mean "…"?)`.
func (e *Error) Text() string {
	what, more := e.parts()
	return what + more
}

// parts are the first line of Msg with the hint, and the further lines.
func (e *Error) parts() (what, more string) {
	what, more, _ = strings.Cut(e.Msg, "\n")
	if e.Hint != "" {
		what += fmt.Sprintf(" (did you mean %q?)", e.Hint)
	}
	if more != "" {
		more = "\n" + more
	}
	return what, more
}

// List is every mistake that was found. As an error it prints one per line, in
// file order.
type List []*Error

func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l.sorted() {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func (l List) sorted() List {
	return slices.SortedStableFunc(slices.Values(l), func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}

// Add appends a mistake.
func (l *List) Add(pos Pos, rule, format string, args ...any) {
	l.AddHint(pos, rule, "", format, args...)
}

// AddHint appends a mistake with the word that was probably meant.
func (l *List) AddHint(pos Pos, rule, hint, format string, args ...any) {
	*l = append(*l, &Error{Pos: pos, Rule: rule, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// Err gives the list in file order as an error, nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l.sorted()
}

// maxWords keeps a file with thousands of wrong words from costing seconds.
const maxWords = 256

// Nearest gives the legal word closest to word, or "" when none is close enough
// to be what was meant. Among equally close words the first in legal wins. Among
// more than maxWords it does not search.
func Nearest(word string, legal []string) string {
	if len(legal) > maxWords {
		return ""
	}
	w := []rune(strings.ToLower(word))
	best, bestDist := "", min(4, 2+len(w)/4, len(w))
	for _, l := range legal {
		if d := distance(w, []rune(strings.ToLower(l)), bestDist); d < bestDist {
			best, bestDist = l, d
		}
	}
	return best
}

// distance counts the characters to insert, delete, replace or swap with their
// neighbour that make a into b. It stops counting at limit.
// https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	var before []int // the row above prev
	prev, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, prev, row = prev, row, make([]int, len(b)+1)
	}
	return min(limit, prev[len(b)])
}
