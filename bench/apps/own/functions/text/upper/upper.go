// Package upper is the function upper.
package upper

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is upper(s): the text in capitals.
var Function = function.One("upper", "the text in capitals", call)

func call(s value.Text) (value.Text, error) {
	return value.Text(strings.ToUpper(string(s))), nil
}
