// Package query is the function query.
package query

import (
	"net/url"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is query(s, key): the value of a key in a URL.
var Function = function.Two("query", "the value of a key in a URL", call)

func call(s, key value.Text) (value.Text, error) {
	u, err := url.Parse(string(s))
	if err != nil {
		return "", err
	}
	return value.Text(u.Query().Get(string(key))), nil
}
