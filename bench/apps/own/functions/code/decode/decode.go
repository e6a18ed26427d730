// Package decode is the function decode.
package decode

import (
	"encoding/base64"
	"errors"
	"unicode/utf8"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is decode(s): the text that was in base 64.
var Function = function.One("decode", "the text that was in base 64", call)

func call(s value.Text) (value.Text, error) {
	data, err := base64.StdEncoding.DecodeString(string(s))
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) {
		return "", errors.New("not a text")
	}
	return value.Text(data), nil
}
