// Package split is the function split.
package split

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is split(s, sep): the parts between the separators.
var Function = function.Two("split", "the parts between the separators", call)

func call(s, sep value.Text) (value.List, error) {
	parts := value.List{}
	for part := range strings.SplitSeq(string(s), string(sep)) {
		parts = append(parts, value.Text(part))
	}
	return parts, nil
}
