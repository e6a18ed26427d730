// Package uuids is the function uuid.
package uuids

import (
	"github.com/google/uuid"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is uuid(s): whether the text is a UUID.
var Function = function.One("uuid", "whether the text is a UUID", call)

func call(s value.Text) (value.Bool, error) {
	return value.Bool(uuid.Validate(string(s)) == nil), nil
}
