// Package clamp is the function clamp.
package clamp

import (
	"fmt"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is clamp(n, low, high): the number moved between two others.
var Function = function.Three("clamp", "the number moved between two others", call)

func call(n, low, high value.Number) (value.Number, error) {
	if low > high {
		return 0, fmt.Errorf("%s is above %s", low, high)
	}
	return max(low, min(n, high)), nil
}
