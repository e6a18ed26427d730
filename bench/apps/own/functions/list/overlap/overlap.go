// Package overlap is the function overlap.
package overlap

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is overlap(a, b): the items that are in both lists.
var Function = function.Two("overlap", "the items that are in both lists", call)

func call(a, b value.List) (value.List, error) {
	both := value.List{}
	for _, v := range a {
		if slices.ContainsFunc(b, func(w value.Value) bool { return value.Equal(v, w) }) {
			both = append(both, v)
		}
	}
	return both, nil
}
