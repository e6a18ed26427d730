// Package pad is the function pad.
package pad

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is pad(s, width, with): the text filled up at its start.
var Function = function.Three("pad", "the text filled up at its start", call)

func call(s value.Text, width value.Number, with value.Text) (value.Text, error) {
	missing := int(width) - utf8.RuneCountInString(string(s))
	if missing <= 0 {
		return s, nil
	}
	if utf8.RuneCountInString(string(with)) != 1 {
		return "", fmt.Errorf("%s is not one character", with)
	}
	return value.Text(strings.Repeat(string(with), missing)) + s, nil
}
