// Package contains is the function contains.
package contains

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is contains(s, part): whether the part is in the text.
var Function = function.Two("contains", "whether the part is in the text", call)

func call(s, part value.Text) (value.Bool, error) {
	return value.Bool(strings.Contains(string(s), string(part))), nil
}
