// Package number is the functions about numbers.
package number

import (
	"example.com/own/function"
	"example.com/own/functions/number/abs"
	"example.com/own/functions/number/between"
	"example.com/own/functions/number/ceil"
	"example.com/own/functions/number/clamp"
	"example.com/own/functions/number/floor"
	"example.com/own/functions/number/gcd"
	"example.com/own/functions/number/least"
	"example.com/own/functions/number/modulo"
	"example.com/own/functions/number/most"
	"example.com/own/functions/number/parse"
	"example.com/own/functions/number/percent"
	"example.com/own/functions/number/power"
	"example.com/own/functions/number/round"
	"example.com/own/functions/number/sqrt"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		abs.Function,
		between.Function,
		ceil.Function,
		clamp.Function,
		floor.Function,
		gcd.Function,
		least.Function,
		modulo.Function,
		most.Function,
		parse.Function,
		percent.Function,
		power.Function,
		round.Function,
		sqrt.Function,
	}
}
