// Package satisfies is the function satisfies.
package satisfies

import (
	"github.com/Masterminds/semver/v3"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is satisfies(version, constraint): whether a version is one of those.
var Function = function.Two("satisfies", "whether a version is one of those", call)

func call(version, constraint value.Text) (value.Bool, error) {
	v, err := semver.NewVersion(string(version))
	if err != nil {
		return false, err
	}
	c, err := semver.NewConstraint(string(constraint))
	if err != nil {
		return false, err
	}
	return value.Bool(c.Check(v)), nil
}
