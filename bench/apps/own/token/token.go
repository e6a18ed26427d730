// Package token is the words of the language.
package token

import "fmt"

// Kind is the kind of a token.
type Kind int

const (
	End Kind = iota
	Name
	Number
	Text
	Operator // or a word that is one: and, or, not, in
	Open
	Close
	OpenList
	CloseList
	Comma
	Dot
)

// Token is one word.
type Token struct {
	Kind Kind
	Text string // as in the source; of a Text what is between the quotes
	Pos  Pos
}

// Pos is a place in the source, as a count of bytes.
type Pos int

// Error is a mistake at a place of the source.
type Error struct {
	Pos Pos
	Msg string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Pos+1, e.Msg) }

// Errorf gives the error at pos.
func Errorf(pos Pos, format string, args ...any) error {
	return &Error{pos, fmt.Sprintf(format, args...)}
}

// Words are the operators that look like names.
var Words = map[string]bool{"and": true, "or": true, "not": true, "in": true}
