// Package bearing is the function bearing.
package bearing

import (
	"errors"
	"math"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is bearing(a, b): the direction from one place to another.
var Function = function.Two("bearing", "the direction from one place to another", call)

var winds = [8]value.Text{"N", "NE", "E", "SE", "S", "SW", "W", "NW"}

func call(a, b value.List) (value.Text, error) {
	p, err := function.Items[value.Number](a)
	if err != nil {
		return "", err
	}
	q, err := function.Items[value.Number](b)
	if err != nil {
		return "", err
	}
	if len(p) != 2 || len(q) != 2 {
		return "", errors.New("a place has a latitude and a longitude")
	}
	angle := math.Atan2(float64(q[1]-p[1]), float64(q[0]-p[0]))
	return winds[(int(math.Round(angle*4/math.Pi))+8)%8], nil
}
