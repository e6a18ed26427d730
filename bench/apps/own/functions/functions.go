// Package functions is all functions of the language.
package functions

import (
	"fmt"
	"slices"

	"example.com/own/function"
	"example.com/own/functions/code"
	"example.com/own/functions/date"
	"example.com/own/functions/geo"
	"example.com/own/functions/list"
	"example.com/own/functions/net"
	"example.com/own/functions/number"
	"example.com/own/functions/text"
)

// Table is functions by name.
type Table map[string]function.Function

// Standard gives all functions.
func Standard() (Table, error) {
	t := Table{}
	for _, f := range slices.Concat(code.All(), date.All(), geo.All(), list.All(), net.All(), number.All(), text.All()) {
		if _, ok := t[f.Name]; ok {
			return nil, fmt.Errorf("two functions are named %s", f.Name)
		}
		t[f.Name] = f
	}
	return t, nil
}
