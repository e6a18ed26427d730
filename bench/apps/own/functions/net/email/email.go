// Package email is the function email.
package email

import (
	"net/mail"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is email(s): whether the text is an address for mail.
var Function = function.One("email", "whether the text is an address for mail", call)

func call(s value.Text) (value.Bool, error) {
	address, err := mail.ParseAddress(string(s))
	return value.Bool(err == nil && address.Address == string(s)), nil
}
