// Package digest is the function sha256.
package digest

import (
	"crypto/sha256"
	"encoding/hex"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is sha256(s): the hash in hexadecimal.
var Function = function.One("sha256", "the hash in hexadecimal", call)

func call(s value.Text) (value.Text, error) {
	sum := sha256.Sum256([]byte(s))
	return value.Text(hex.EncodeToString(sum[:])), nil
}
