package money

import (
	"testing"

	"github.com/shopspring/decimal"
)

func TestAmount(t *testing.T) {
	a, err := Parse("12.50", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := a.Add(a.Times(2))
	if err != nil || sum.String() != "37.50 EUR" {
		t.Errorf("got %s, %v", sum, err)
	}
	if got := a.Percent(decimal.NewFromInt(19)); got.String() != "2.38 EUR" {
		t.Errorf("got %s", got)
	}
	if _, err := a.Add(Amount{Currency: "USD"}); err == nil {
		t.Error("euros and dollars add up")
	}
}
