// Command payments takes money.
package main

import (
	"net/http"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/money"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type state string

const (
	reserved state = "reserved"
	taken    state = "taken"
	released state = "released"
)

type payment struct {
	ID      string       `json:"id"`
	Invoice string       `json:"invoice"`
	Amount  money.Amount `json:"amount"`
	State   state        `json:"state"`
}

func main() {
	var payments table.Table[string, payment]
	s := service.New("payments")
	s.Handle("POST /payments", func(r *http.Request) (any, error) {
		p, err := service.Body[payment](r)
		if err != nil {
			return nil, err
		}
		if !p.Amount.Positive() {
			return nil, service.Bad("%s is not an amount to pay", p.Amount)
		}
		p.ID, p.State = ident.New("payment"), reserved
		payments.Put(p.ID, p)
		return p, nil
	})
	move := func(to state) service.Handler {
		return func(r *http.Request) (any, error) {
			id := r.PathValue("id")
			return payments.Update(id, func(p payment, ok bool) (payment, error) {
				if !ok {
					return p, service.Missing("payment", id)
				}
				if p.State != reserved && p.State != to {
					return p, service.Status{Code: http.StatusConflict, Text: "the payment is " + string(p.State)}
				}
				p.State = to
				return p, nil
			})
		}
	}
	s.Handle("POST /payments/{id}/take", move(taken))
	s.Handle("POST /payments/{id}/release", move(released))
	s.Main()
}
