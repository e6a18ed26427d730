// Package lower is the function lower.
package lower

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is lower(s): the text in small letters.
var Function = function.One("lower", "the text in small letters", call)

func call(s value.Text) (value.Text, error) {
	return value.Text(strings.ToLower(string(s))), nil
}
