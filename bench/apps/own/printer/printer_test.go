package printer

import (
	"testing"

	"example.com/own/parser"
)

func TestPrint(t *testing.T) {
	for source, want := range map[string]string{
		"1+2*3":                     "1 + 2 * 3",
		"(1+2)*3":                   "(1 + 2) * 3",
		"1-(2-3)":                   "1 - (2 - 3)",
		"(1-2)-3":                   "1 - 2 - 3",
		"not (a and b)":             "not (a and b)",
		"not a == b":                "not a == b",
		"-(a+1)":                    "-(a + 1)",
		`f( [1,"x"],order . total)`: `f([1, "x"], order.total)`,
	} {
		n, err := parser.Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if got := Print(n); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}
