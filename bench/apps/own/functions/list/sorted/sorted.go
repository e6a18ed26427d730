// Package sorted is the function sort.
package sorted

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is sort(l): the items in order.
var Function = function.One("sort", "the items in order", call)

func call(l value.List) (value.List, error) {
	sorted := slices.Clone(l)
	var failed error
	slices.SortStableFunc(sorted, func(a, b value.Value) int {
		order, err := value.Compare(a, b)
		if err != nil {
			failed = err
		}
		return order
	})
	return sorted, failed
}
