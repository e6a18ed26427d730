// Package round is the function round.
package round

import (
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is round(n, digits): the number with so many digits after the point.
var Function = function.Two("round", "the number with so many digits after the point", call)

func call(n, digits value.Number) (value.Number, error) {
	scale := math.Pow10(int(digits))
	return value.Number(math.Round(float64(n)*scale) / scale), nil
}
