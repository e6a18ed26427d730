// Package quarter is the function quarter.
package quarter

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is quarter(t): the quarter of the year, 1 to 4.
var Function = function.One("quarter", "the quarter of the year, 1 to 4", call)

func call(t value.Time) (value.Number, error) {
	return value.Number((int(t.Month()) + 2) / 3), nil
}
