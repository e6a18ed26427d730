// Package geo is the functions about places.
package geo

import (
	"example.com/own/function"
	"example.com/own/functions/geo/bearing"
	"example.com/own/functions/geo/km"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		bearing.Function,
		km.Function,
	}
}
