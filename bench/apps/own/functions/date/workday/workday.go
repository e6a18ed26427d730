// Package workday is the function workday.
package workday

import (
	"time"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is workday(t): whether it is Monday to Friday.
var Function = function.One("workday", "whether it is Monday to Friday", call)

func call(t value.Time) (value.Bool, error) {
	return value.Bool(t.Weekday() != time.Saturday && t.Weekday() != time.Sunday), nil
}
