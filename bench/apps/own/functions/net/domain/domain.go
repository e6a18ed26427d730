// Package domain is the function domain.
package domain

import (
	"fmt"
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is domain(s): the domain of an address for mail.
var Function = function.One("domain", "the domain of an address for mail", call)

func call(s value.Text) (value.Text, error) {
	_, domain, ok := strings.Cut(string(s), "@")
	if !ok {
		return "", fmt.Errorf("%s has no @", s)
	}
	return value.Text(strings.ToLower(domain)), nil
}
