// Package any is the function any.
package any

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is any(l): whether one item is true.
var Function = function.One("any", "whether one item is true", call)

func call(l value.List) (value.Bool, error) {
	conditions, err := function.Items[value.Bool](l)
	return value.Bool(slices.Contains(conditions, true)), err
}
