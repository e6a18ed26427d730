// Package last is the function last.
package last

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is last(l): the last item, or nothing.
var Function = function.One("last", "the last item, or nothing", call)

func call(l value.List) (value.Value, error) {
	if len(l) == 0 {
		return value.Nothing{}, nil
	}
	return l[len(l)-1], nil
}
