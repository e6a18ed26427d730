// Package age is the function age.
package age

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is age(birth, now): the number of whole years between two times.
var Function = function.Two("age", "the number of whole years between two times", call)

func call(birth, now value.Time) (value.Number, error) {
	years := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		years--
	}
	return value.Number(years), nil
}
