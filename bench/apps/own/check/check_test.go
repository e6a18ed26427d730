package check

import (
	"testing"

	"example.com/own/functions"
	"example.com/own/parser"
)

func TestCheck(t *testing.T) {
	table, err := functions.Standard()
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		`upper(order.name) == "A"`: "",
		`uper("a")`:                "1: no function uper (did you mean upper?)",
		`tea(1)`:                   "1: no function tea",
		`sum([1], 2)`:              "1: sum takes 1 arguments, not 2",
		`sum(1) + abs("a")`:        "5: sum: argument 1 is number, not list\n14: abs: argument 1 is text, not number",
		`upper(length("a"))`:       "7: upper: argument 1 is number, not text",
	} {
		n, err := parser.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := Check(n, table); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}
