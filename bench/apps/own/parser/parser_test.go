package parser

import (
	"strings"
	"testing"
)

func TestParseMistakes(t *testing.T) {
	for source, want := range map[string]string{
		"1 +":       "4: the expression ends too early",
		"1 2":       `3: "2" is not expected here`,
		"f(1 2)":    "5: a , or ) is missing",
		"(1":        "3: a ) is missing",
		`"abc`:      "1: the text has no end",
		"a..b":      "3: a name is missing after the dot",
		"1.2.3 > 0": "1: 1.2.3 is not a number",
		"a # b":     "3: '#' is no part of an expression",
	} {
		if _, err := Parse(source); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", source, err, want)
		}
	}
}
