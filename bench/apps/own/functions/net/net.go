// Package net is the functions about addresses.
package net

import (
	"example.com/own/function"
	"example.com/own/functions/net/cidr"
	"example.com/own/functions/net/domain"
	"example.com/own/functions/net/email"
	"example.com/own/functions/net/host"
	"example.com/own/functions/net/query"
)

// All gives the functions.
func All() []function.Function {
	return []function.Function{
		cidr.Function,
		domain.Function,
		email.Function,
		host.Function,
		query.Function,
	}
}
