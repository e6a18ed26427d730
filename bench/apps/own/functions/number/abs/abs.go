// Package abs is the function abs.
package abs

import (
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is abs(n): the number without its sign.
var Function = function.One("abs", "the number without its sign", call)

func call(n value.Number) (value.Number, error) {
	return value.Number(math.Abs(float64(n))), nil
}
