// Package soundex is the function soundex.
package soundex

import (
	"strings"

	"example.com/own/function"
	"example.com/own/value"
)

// Function is soundex(s): the American code of how a name sounds.
var Function = function.One("soundex", "the American code of how a name sounds", call)

// digits are of A to Z: 0 is a vowel, - is passed over.
const digits = "0123012-02245501262301-202"

func call(s value.Text) (value.Text, error) {
	var code []byte
	last := byte('0')
	for _, r := range strings.ToUpper(string(s)) {
		if r < 'A' || r > 'Z' {
			continue
		}
		digit := digits[r-'A']
		switch {
		case len(code) == 0:
			code = append(code, byte(r))
		case digit != '0' && digit != '-' && digit != last:
			code = append(code, digit)
		}
		if digit != '-' {
			last = digit
		}
	}
	if len(code) == 0 {
		return "", nil
	}
	return value.Text(append(code, "000"...)[:4]), nil
}
