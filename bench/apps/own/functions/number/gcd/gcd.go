// Package gcd is the function gcd.
package gcd

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is gcd(a, b): the greatest common divisor.
var Function = function.Two("gcd", "the greatest common divisor", call)

func call(a, b value.Number) (value.Number, error) {
	x, y := int64(a), int64(b)
	for y != 0 {
		x, y = y, x%y
	}
	return value.Number(max(x, -x)), nil
}
