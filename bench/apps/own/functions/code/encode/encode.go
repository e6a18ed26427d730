// Package encode is the function encode.
package encode

import (
	"encoding/base64"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is encode(s): the text in base 64.
var Function = function.One("encode", "the text in base 64", call)

func call(s value.Text) (value.Text, error) {
	return value.Text(base64.StdEncoding.EncodeToString([]byte(s))), nil
}
