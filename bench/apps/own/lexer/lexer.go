// Package lexer splits source into tokens.
package lexer

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/own/token"
)

var marks = map[byte]token.Kind{
	'(': token.Open, ')': token.Close, '[': token.OpenList, ']': token.CloseList, ',': token.Comma, '.': token.Dot,
}

// operators are in the order in which they are tried.
var operators = []string{"==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/"}

// Tokens gives the tokens of source; the last one is token.End.
func Tokens(source string) ([]token.Token, error) {
	var tokens []token.Token
	for pos := 0; ; {
		pos += len(source[pos:]) - len(strings.TrimLeftFunc(source[pos:], unicode.IsSpace))
		if pos == len(source) {
			return append(tokens, token.Token{Kind: token.End, Pos: token.Pos(pos)}), nil
		}
		t, n, err := next(source[pos:], token.Pos(pos))
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		pos += n
	}
}

// next gives the token at the start of s, and its length in s.
func next(s string, pos token.Pos) (token.Token, int, error) {
	if kind, ok := marks[s[0]]; ok {
		return token.Token{Kind: kind, Text: s[:1], Pos: pos}, 1, nil
	}
	for _, op := range operators {
		if strings.HasPrefix(s, op) {
			return token.Token{Kind: token.Operator, Text: op, Pos: pos}, len(op), nil
		}
	}
	switch r, _ := utf8.DecodeRuneInString(s); {
	case r == '"':
		return text(s, pos)
	case unicode.IsDigit(r):
		n := span(s, func(r rune) bool { return unicode.IsDigit(r) || r == '.' })
		return token.Token{Kind: token.Number, Text: s[:n], Pos: pos}, n, nil
	case unicode.IsLetter(r):
		n := span(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' })
		kind := token.Name
		if token.Words[s[:n]] {
			kind = token.Operator
		}
		return token.Token{Kind: kind, Text: s[:n], Pos: pos}, n, nil
	default:
		return token.Token{}, 0, token.Errorf(pos, "%q is no part of an expression", r)
	}
}

func text(s string, pos token.Pos) (token.Token, int, error) {
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return token.Token{}, 0, token.Errorf(pos, "the text has no end")
	}
	plain, err := strconv.Unquote(quoted)
	return token.Token{Kind: token.Text, Text: plain, Pos: pos}, len(quoted), err
}

// span gives the length of the start of s that is made of what in accepts.
func span(s string, in func(rune) bool) int {
	return len(s) - len(strings.TrimLeftFunc(s, in))
}
