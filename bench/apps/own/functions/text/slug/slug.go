// Package slug is the function slug.
package slug

import (
	"strings"
	"unicode"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is slug(s): the text as a part of an address.
var Function = function.One("slug", "the text as a part of an address", call)

func call(s value.Text) (value.Text, error) {
	words := strings.FieldsFunc(strings.ToLower(string(s)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return value.Text(strings.Join(words, "-")), nil
}
