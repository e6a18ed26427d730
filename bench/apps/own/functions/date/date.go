// Package date is the functions about times.
package date

import (
	"example.com/own/function"
	"example.com/own/functions/date/age"
	"example.com/own/functions/date/days"
	"example.com/own/functions/date/parse"
	"example.com/own/functions/date/plus"
	"example.com/own/functions/date/quarter"
	"example.com/own/functions/date/weekday"
	"example.com/own/functions/date/workday"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		age.Function,
		days.Function,
		parse.Function,
		plus.Function,
		quarter.Function,
		weekday.Function,
		workday.Function,
	}
}
