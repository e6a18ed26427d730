package fold

import (
	"testing"

	"example.com/own/functions"
	"example.com/own/parser"
	"example.com/own/printer"
)

func TestFold(t *testing.T) {
	table, err := functions.Standard()
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		`order.total > 10 * 10`:       `order.total > 100`,
		`has(split("a,b", ","), tag)`: `has(["a", "b"], tag)`,
		`1 / 0 > total`:               `1 / 0 > total`,
	} {
		n, err := parser.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if got := printer.Print(Fold(n, table)); got != want {
			t.Errorf("%s: got %s, want %s", source, got, want)
		}
	}
}
