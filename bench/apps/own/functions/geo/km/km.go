// Package km is the function km.
package km

import (
	"errors"
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is km(a, b): the way between two places [latitude, longitude] on the globe.
var Function = function.Two("km", "the way between two places [latitude, longitude] on the globe", call)

// radius is that of the earth, in kilometres.
const radius = 6371

func point(l value.List) ([2]float64, error) {
	degrees, err := function.Items[value.Number](l)
	if err != nil {
		return [2]float64{}, err
	}
	if len(degrees) != 2 {
		return [2]float64{}, errors.New("a place has a latitude and a longitude")
	}
	return [2]float64{float64(degrees[0]) * math.Pi / 180, float64(degrees[1]) * math.Pi / 180}, nil
}

func haversine(a, b [2]float64) float64 {
	h := square(math.Sin((b[0]-a[0])/2)) + math.Cos(a[0])*math.Cos(b[0])*square(math.Sin((b[1]-a[1])/2))
	return 2 * radius * math.Asin(math.Sqrt(h))
}

func square(x float64) float64 { return x * x }

func call(a, b value.List) (value.Number, error) {
	p, err := point(a)
	if err != nil {
		return 0, err
	}
	q, err := point(b)
	if err != nil {
		return 0, err
	}
	return value.Number(haversine(p, q)), nil
}
