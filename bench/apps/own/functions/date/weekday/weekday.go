// Package weekday is the function weekday.
package weekday

import (
	"example.com/own/function"
	"example.com/own/value"
)

// Function is weekday(t): the name of the day.
var Function = function.One("weekday", "the name of the day", call)

func call(t value.Time) (value.Text, error) {
	return value.Text(t.Weekday().String()), nil
}
