// Package days is the function days.
package days

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is days(from, to): the time between two times, in days.
var Function = function.Two("days", "the time between two times, in days", call)

func call(from, to value.Time) (value.Number, error) {
	return value.Number(to.Sub(from.Time).Hours() / 24), nil
}
