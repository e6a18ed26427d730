// Package sqrt is the function sqrt.
package sqrt

import (
	"fmt"
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is sqrt(n): the square root.
var Function = function.One("sqrt", "the square root", call)

func call(n value.Number) (value.Number, error) {
	if n < 0 {
		return 0, fmt.Errorf("%s is below 0", n)
	}
	return value.Number(math.Sqrt(float64(n))), nil
}
