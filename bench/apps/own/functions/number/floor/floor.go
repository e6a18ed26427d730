// Package floor is the function floor.
package floor

import (
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is floor(n): the next whole number below.
var Function = function.One("floor", "the next whole number below", call)

func call(n value.Number) (value.Number, error) {
	return value.Number(math.Floor(float64(n))), nil
}
