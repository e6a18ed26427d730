// Package modulo is the function modulo.
package modulo

import (
	"errors"
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is modulo(n, by): what a division leaves.
var Function = function.Two("modulo", "what a division leaves", call)

func call(n, by value.Number) (value.Number, error) {
	if by == 0 {
		return 0, errors.New("division by 0")
	}
	return value.Number(math.Mod(float64(n), float64(by))), nil
}
