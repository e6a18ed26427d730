// Package flatten is the function flatten.
package flatten

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is flatten(l): the items of the lists in the list.
var Function = function.One("flatten", "the items of the lists in the list", call)

func call(l value.List) (value.List, error) {
	flat := value.List{}
	for _, v := range l {
		if inner, ok := v.(value.List); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, v)
		}
	}
	return flat, nil
}
