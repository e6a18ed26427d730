// Package suffix is the function suffix.
package suffix

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is suffix(s, end): whether the text ends so.
var Function = function.Two("suffix", "whether the text ends so", call)

func call(s, end value.Text) (value.Bool, error) {
	return value.Bool(strings.HasSuffix(string(s), string(end))), nil
}
