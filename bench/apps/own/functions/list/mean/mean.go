// Package mean is the function mean.
package mean

import (
	"errors"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is mean(l): the mean of the numbers.
var Function = function.One("mean", "the mean of the numbers", call)

func call(l value.List) (value.Number, error) {
	numbers, err := function.Items[value.Number](l)
	if err != nil {
		return 0, err
	}
	if len(numbers) == 0 {
		return 0, errors.New("the list is empty")
	}
	total := value.Number(0)
	for _, n := range numbers {
		total += n
	}
	return total / value.Number(len(numbers)), nil
}
