// Package trim is the function trim.
package trim

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is trim(s): the text without space at its ends.
var Function = function.One("trim", "the text without space at its ends", call)

func call(s value.Text) (value.Text, error) {
	return value.Text(strings.TrimSpace(string(s))), nil
}
