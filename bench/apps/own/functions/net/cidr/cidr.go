// Package cidr is the function cidr.
package cidr

import (
	"net/netip"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is cidr(address, network): whether the address is in the network.
var Function = function.Two("cidr", "whether the address is in the network", call)

func call(address, network value.Text) (value.Bool, error) {
	a, err := netip.ParseAddr(string(address))
	if err != nil {
		return false, err
	}
	n, err := netip.ParsePrefix(string(network))
	if err != nil {
		return false, err
	}
	return value.Bool(n.Contains(a)), nil
}
