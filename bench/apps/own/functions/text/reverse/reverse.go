// Package reverse is the function reverse.
package reverse

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is reverse(s): the characters from last to first.
var Function = function.One("reverse", "the characters from last to first", call)

func call(s value.Text) (value.Text, error) {
	runes := []rune(string(s))
	slices.Reverse(runes)
	return value.Text(runes), nil
}
