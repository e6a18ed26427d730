// Package join is the function join.
package join

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is join(l, sep): the texts with a separator between them.
var Function = function.Two("join", "the texts with a separator between them", call)

func call(l value.List, sep value.Text) (value.Text, error) {
	texts, err := function.Items[value.Text](l)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for i, s := range texts {
		if i > 0 {
			b.WriteString(string(sep))
		}
		b.WriteString(string(s))
	}
	return value.Text(b.String()), nil
}
