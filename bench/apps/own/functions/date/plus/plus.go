// Package plus is the function plus.
package plus

import (
	"time"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is plus(t, days): the time so many days later.
var Function = function.Two("plus", "the time so many days later", call)

func call(t value.Time, days value.Number) (value.Time, error) {
	return value.Time{Time: t.Add(time.Duration(float64(days) * float64(24*time.Hour)))}, nil
}
