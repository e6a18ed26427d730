// Package code is the functions about codes and checks.
package code

import (
	"example.com/own/function"
	"example.com/own/functions/code/crc"
	"example.com/own/functions/code/decode"
	"example.com/own/functions/code/digest"
	"example.com/own/functions/code/encode"
	"example.com/own/functions/code/luhn"
	"example.com/own/functions/code/satisfies"
	"example.com/own/functions/code/uuids"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		crc.Function,
		decode.Function,
		digest.Function,
		encode.Function,
		luhn.Function,
		satisfies.Function,
		uuids.Function,
	}
}
