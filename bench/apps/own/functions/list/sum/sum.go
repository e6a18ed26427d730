// Package sum is the function sum.
package sum

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is sum(l): the sum of the numbers.
var Function = function.One("sum", "the sum of the numbers", call)

func call(l value.List) (value.Number, error) {
	numbers, err := function.Items[value.Number](l)
	total := value.Number(0)
	for _, n := range numbers {
		total += n
	}
	return total, err
}
