// Package parse is the function number.
package parse

import (
	"fmt"
	"strconv"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is number(s): the number that the text says.
var Function = function.One("number", "the number that the text says", call)

func call(s value.Text) (value.Number, error) {
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number", s)
	}
	return value.Number(f), nil
}
