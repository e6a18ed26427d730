// Package has is the function has.
package has

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is has(l, v): whether the item is in the list.
var Function = function.Two("has", "whether the item is in the list", call)

func call(l value.List, v value.Value) (value.Bool, error) {
	return value.Bool(slices.ContainsFunc(l, func(item value.Value) bool { return value.Equal(item, v) })), nil
}
