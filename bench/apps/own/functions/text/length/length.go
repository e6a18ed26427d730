// Package length is the function length.
package length

import (
	"unicode/utf8"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is length(s): the number of characters.
var Function = function.One("length", "the number of characters", call)

func call(s value.Text) (value.Number, error) {
	return value.Number(utf8.RuneCountInString(string(s))), nil
}
