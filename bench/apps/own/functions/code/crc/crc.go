// Package crc is the function crc.
package crc

import (
	"hash/crc32"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is crc(s): the checksum.
var Function = function.One("crc", "the checksum", call)

func call(s value.Text) (value.Number, error) {
	return value.Number(crc32.ChecksumIEEE([]byte(s))), nil
}
