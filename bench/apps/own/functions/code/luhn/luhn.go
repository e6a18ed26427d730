// Package luhn is the function luhn.
package luhn

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is luhn(s): whether the last digit of a card number is right.
var Function = function.One("luhn", "whether the last digit of a card number is right", call)

func call(s value.Text) (value.Bool, error) {
	sum, double := 0, false
	for i := len(s) - 1; i >= 0; i-- {
		digit := int(s[i] - '0')
		if s[i] < '0' || s[i] > '9' {
			return false, nil
		}
		if double {
			digit *= 2
		}
		sum += digit/10 + digit%10
		double = !double
	}
	return value.Bool(len(s) > 1 && sum%10 == 0), nil
}
