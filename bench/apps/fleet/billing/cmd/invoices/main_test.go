package main

import (
	"testing"

	"github.com/shopspring/decimal"

	"example.com/fleet/lib/money"
)

func TestSum(t *testing.T) {
	item, err := money.Parse("50", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	i, err := invoice{Items: []money.Amount{item, item}, Tax: decimal.NewFromInt(19)}.sum()
	if err != nil || i.Net.String() != "100.00 EUR" || i.Gross.String() != "119.00 EUR" {
		t.Errorf("got %s and %s, %v", i.Net, i.Gross, err)
	}
	if _, err := (invoice{}).sum(); err == nil {
		t.Error("an invoice over nothing")
	}
}
