// Package about says what was built, and how.
package about

import _ "embed"

// Channel is set by the linker.
var Channel = "none"

// Motto is the text of motto.txt.
//
//go:embed motto.txt
var Motto string
