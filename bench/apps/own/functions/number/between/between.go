// Package between is the function between.
package between

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is between(n, low, high): whether the number is between two others.
var Function = function.Three("between", "whether the number is between two others", call)

func call(n, low, high value.Number) (value.Bool, error) {
	return low <= n && n <= high, nil
}
