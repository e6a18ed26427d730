// Package all is the function all.
package all

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is all(l): whether every item is true.
var Function = function.One("all", "whether every item is true", call)

func call(l value.List) (value.Bool, error) {
	conditions, err := function.Items[value.Bool](l)
	return value.Bool(!slices.Contains(conditions, false)), err
}
