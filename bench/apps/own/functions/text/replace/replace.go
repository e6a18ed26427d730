// Package replace is the function replace.
package replace

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is replace(s, old, by): the text with all of one part replaced.
var Function = function.Three("replace", "the text with all of one part replaced", call)

func call(s, old, by value.Text) (value.Text, error) {
	return value.Text(strings.ReplaceAll(string(s), string(old), string(by))), nil
}
