// Package numbers is the function numbers.
package numbers

import (
	"fmt"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is numbers(from, to): the numbers from one up to another.
var Function = function.Two("numbers", "the numbers from one up to another", call)

// most is the most items of a result.
const most = 10000

func call(from, to value.Number) (value.List, error) {
	if to-from > most {
		return nil, fmt.Errorf("more than %d items", most)
	}
	items := value.List{}
	for n := from; n < to; n++ {
		items = append(items, n)
	}
	return items, nil
}
