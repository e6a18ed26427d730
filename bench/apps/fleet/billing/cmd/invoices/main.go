// Command invoices writes invoices.
package main

import (
	"net/http"
	"time"

	"github.com/shopspring/decimal"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/money"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type invoice struct {
	ID       string          `json:"id"`
	Customer string          `json:"customer"`
	Items    []money.Amount  `json:"items"`
	Tax      decimal.Decimal `json:"tax"` // percent
	Net      money.Amount    `json:"net"`
	Gross    money.Amount    `json:"gross"`
	Due      time.Time       `json:"due"`
}

func main() {
	var invoices table.Table[string, invoice]
	s := service.New("invoices")
	days := s.Flags.Int("days", 14, "time to pay an invoice, in days")
	s.Handle("POST /invoices", func(r *http.Request) (any, error) {
		i, err := service.Body[invoice](r)
		if err != nil {
			return nil, err
		}
		if i, err = i.sum(); err != nil {
			return nil, err
		}
		i.ID, i.Due = ident.New("invoice"), time.Now().UTC().AddDate(0, 0, *days)
		invoices.Put(i.ID, i)
		return i, nil
	})
	s.Handle("GET /invoices/{id}", func(r *http.Request) (any, error) {
		i, ok := invoices.Get(r.PathValue("id"))
		if !ok {
			return nil, service.Missing("invoice", r.PathValue("id"))
		}
		return i, nil
	})
	s.Main()
}

// sum sets the net and the gross amount.
func (i invoice) sum() (invoice, error) {
	i.Net = money.Amount{}
	for _, item := range i.Items {
		net, err := i.Net.Add(item)
		if err != nil {
			return i, service.Bad("items: %v", err)
		}
		i.Net = net
	}
	if !i.Net.Positive() {
		return i, service.Bad("nothing to pay")
	}
	gross, err := i.Net.Add(i.Net.Percent(i.Tax))
	i.Gross = gross
	return i, err
}
