// Package ident makes the names of new things.
package ident

import (
	"strings"

	"github.com/oklog/ulid/v2"
)

// New gives a name that no other thing has. Names of one kind sort by the time that they were made.
func New(kind string) string { return kind + "-" + strings.ToLower(ulid.Make().String()) }

// Valid reports whether New could have made the name.
func Valid(kind, name string) bool {
	rest, ok := strings.CutPrefix(name, kind+"-")
	if !ok {
		return false
	}
	_, err := ulid.ParseStrict(strings.ToUpper(rest))
	return err == nil && rest == strings.ToLower(rest)
}
