// Package list is the functions about lists.
package list

import (
	"example.com/own/function"
	"example.com/own/functions/list/all"
	"example.com/own/functions/list/any"
	"example.com/own/functions/list/count"
	"example.com/own/functions/list/first"
	"example.com/own/functions/list/flatten"
	"example.com/own/functions/list/has"
	"example.com/own/functions/list/last"
	"example.com/own/functions/list/mean"
	"example.com/own/functions/list/median"
	"example.com/own/functions/list/numbers"
	"example.com/own/functions/list/overlap"
	"example.com/own/functions/list/slice"
	"example.com/own/functions/list/sorted"
	"example.com/own/functions/list/sum"
	"example.com/own/functions/list/unique"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		all.Function,
		any.Function,
		count.Function,
		first.Function,
		flatten.Function,
		has.Function,
		last.Function,
		mean.Function,
		median.Function,
		numbers.Function,
		overlap.Function,
		slice.Function,
		sorted.Function,
		sum.Function,
		unique.Function,
	}
}
