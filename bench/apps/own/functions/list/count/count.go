// Package count is the function count.
package count

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is count(l): the number of items.
var Function = function.One("count", "the number of items", call)

func call(l value.List) (value.Number, error) {
	return value.Number(len(l)), nil
}
