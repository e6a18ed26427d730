// Package first is the function first.
package first

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is first(l): the first item, or nothing.
var Function = function.One("first", "the first item, or nothing", call)

func call(l value.List) (value.Value, error) {
	if len(l) == 0 {
		return value.Nothing{}, nil
	}
	return l[0], nil
}
