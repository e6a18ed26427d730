// Package most is the function most.
package most

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is most(a, b): the larger number.
var Function = function.Two("most", "the larger number", call)

func call(a, b value.Number) (value.Number, error) {
	return max(a, b), nil
}
