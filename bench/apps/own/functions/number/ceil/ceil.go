// Package ceil is the function ceil.
package ceil

import (
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is ceil(n): the next whole number above.
var Function = function.One("ceil", "the next whole number above", call)

func call(n value.Number) (value.Number, error) {
	return value.Number(math.Ceil(float64(n))), nil
}
