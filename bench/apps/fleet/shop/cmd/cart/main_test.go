package main

import (
	"testing"

	"example.com/fleet/lib/money"
)

func TestTotal(t *testing.T) {
	price, err := money.Parse("2.50", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	lines := add(nil, line{"tea", 1, price})
	lines = add(lines, line{"cup", 2, price})
	lines = add(lines, line{"tea", 3, price})
	got, err := total(lines)
	if err != nil || len(got.Lines) != 2 || got.Total.String() != "15.00 EUR" {
		t.Errorf("got %+v, %v", got, err)
	}
}
