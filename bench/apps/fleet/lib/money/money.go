// Package money is amounts in a currency.
package money

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Amount is a sum of money. The zero value is none, of any currency.
type Amount struct {
	Value    decimal.Decimal `json:"value"`
	Currency string          `json:"currency"` // three letters
}

// Parse reads an amount like "12.50" in a currency.
func Parse(value, currency string) (Amount, error) {
	if len(currency) != 3 {
		return Amount{}, fmt.Errorf("%q is not a currency", currency)
	}
	v, err := decimal.NewFromString(value)
	if err != nil {
		return Amount{}, err
	}
	return Amount{v, currency}, nil
}

// Add gives the sum. It fails when the currencies differ.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency == "" {
		return b, nil
	}
	if b.Currency != "" && a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%s and %s do not add up", a.Currency, b.Currency)
	}
	return Amount{a.Value.Add(b.Value), a.Currency}, nil
}

// Times gives n times the amount.
func (a Amount) Times(n int64) Amount {
	return Amount{a.Value.Mul(decimal.NewFromInt(n)), a.Currency}
}

// Percent gives p percent of the amount, rounded to cents as banks do.
func (a Amount) Percent(p decimal.Decimal) Amount {
	return Amount{a.Value.Mul(p).Shift(-2).RoundBank(2), a.Currency}
}

// Positive reports whether it is more than nothing.
func (a Amount) Positive() bool { return a.Value.IsPositive() }

// String is the value with cents, and the currency.
func (a Amount) String() string { return a.Value.StringFixed(2) + " " + a.Currency }
