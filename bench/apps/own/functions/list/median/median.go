// Package median is the function median.
package median

import (
	"errors"
	"slices"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is median(l): the number in the middle.
var Function = function.One("median", "the number in the middle", call)

func call(l value.List) (value.Number, error) {
	numbers, err := function.Items[value.Number](l)
	if err != nil {
		return 0, err
	}
	if len(numbers) == 0 {
		return 0, errors.New("the list is empty")
	}
	slices.Sort(numbers)
	middle := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return numbers[middle], nil
	}
	return (numbers[middle-1] + numbers[middle]) / 2, nil
}
