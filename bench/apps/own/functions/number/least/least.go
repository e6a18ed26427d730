// Package least is the function least.
package least

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is least(a, b): the smaller number.
var Function = function.Two("least", "the smaller number", call)

func call(a, b value.Number) (value.Number, error) {
	return min(a, b), nil
}
