// Package power is the function power.
package power

import (
	"errors"
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is power(n, exponent): the number to the power of another.
var Function = function.Two("power", "the number to the power of another", call)

func call(n, exponent value.Number) (value.Number, error) {
	p := math.Pow(float64(n), float64(exponent))
	if math.IsNaN(p) || math.IsInf(p, 0) {
		return 0, errors.New("not a number")
	}
	return value.Number(p), nil
}
