// Package prefix is the function prefix.
package prefix

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is prefix(s, start): whether the text begins so.
var Function = function.Two("prefix", "whether the text begins so", call)

func call(s, start value.Text) (value.Bool, error) {
	return value.Bool(strings.HasPrefix(string(s), string(start))), nil
}
