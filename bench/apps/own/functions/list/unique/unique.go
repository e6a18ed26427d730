// Package unique is the function unique.
package unique

import (
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is unique(l): each item once.
var Function = function.One("unique", "each item once", call)

func call(l value.List) (value.List, error) {
	kept := value.List{}
	for _, v := range l {
		if !slices.ContainsFunc(kept, func(k value.Value) bool { return value.Equal(k, v) }) {
			kept = append(kept, v)
		}
	}
	return kept, nil
}
