// Package host is the function host.
package host

import (
	"net/url"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is host(s): the host of a URL.
var Function = function.One("host", "the host of a URL", call)

func call(s value.Text) (value.Text, error) {
	u, err := url.Parse(string(s))
	if err != nil {
		return "", err
	}
	return value.Text(u.Hostname()), nil
}
