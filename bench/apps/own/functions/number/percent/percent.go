// Package percent is the function percent.
package percent

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is percent(n, p): so many percent of the number.
var Function = function.Two("percent", "so many percent of the number", call)

func call(n, p value.Number) (value.Number, error) {
	return n * p / 100, nil
}
