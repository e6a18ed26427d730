// Package parse is the function time.
package parse

import (
	"fmt"
	"time"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is time(s): the time that the text says.
var Function = function.One("time", "the time that the text says", call)

func call(s value.Text) (value.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, string(s)); err == nil {
			return value.Time{Time: t}, nil
		}
	}
	return value.Time{}, fmt.Errorf("%s is not a time", s)
}
