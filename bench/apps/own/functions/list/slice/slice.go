// Package slice is the function slice.
package slice

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is slice(l, from, to): the items from one index up to another.
var Function = function.Three("slice", "the items from one index up to another", call)

func call(l value.List, from, to value.Number) (value.List, error) {
	end := min(max(int(to), 0), len(l))
	start := min(max(int(from), 0), end)
	return slices.Clone(l[start:end]), nil
}
