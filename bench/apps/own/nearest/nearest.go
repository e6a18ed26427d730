// Package nearest finds what somebody may have meant.
package nearest

import (
	"maps"
	"slices"

	"example.com/own/functions"
	"example.com/own/functions/text/edits"
	"example.com/own/value"
)

// far is the number of edits from which on a name is another one.
const far = 2

// Name gives the function whose name is nearest; "" when none is near.
func Name(name string, table functions.Table) string {
	best, found := value.Number(min(far, len(name))), ""
	for _, candidate := range slices.Sorted(maps.Keys(table)) {
		d, err := edits.Function.Call([]value.Value{value.Text(name), value.Text(candidate)})
		if err != nil {
			continue
		}
		if n := d.(value.Number); n < best {
			best, found = n, candidate
		}
	}
	return found
}
