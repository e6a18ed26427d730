// Command ledger keeps the books, with two sides to everything.
package main

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

// entry moves cents between accounts; what the accounts get adds up to 0.
type entry struct {
	ID       string           `json:"id"`
	Time     time.Time        `json:"time"`
	Text     string           `json:"text"`
	Accounts map[string]int64 `json:"accounts"`
}

func main() {
	var entries table.Table[string, entry]
	s := service.New("ledger")
	s.Handle("POST /entries", func(r *http.Request) (any, error) {
		e, err := service.Body[entry](r)
		if err != nil {
			return nil, err
		}
		if err := e.check(); err != nil {
			return nil, err
		}
		e.ID, e.Time = ident.New("entry"), time.Now().UTC()
		entries.Put(e.ID, e)
		return e, nil
	})
	s.Handle("GET /balances", func(*http.Request) (any, error) { return balances(entries.All(nil)), nil })
	s.Main()
}

func (e entry) check() error {
	sum := int64(0)
	for _, account := range slices.Sorted(maps.Keys(e.Accounts)) {
		if account == "" {
			return service.Bad("an account has no name")
		}
		sum += e.Accounts[account]
	}
	if sum != 0 || len(e.Accounts) < 2 {
		return service.Bad("the sides differ by %d", sum)
	}
	return nil
}

func balances(entries []entry) map[string]int64 {
	all := map[string]int64{}
	for _, e := range entries {
		for account, cents := range e.Accounts {
			all[account] += cents
		}
	}
	return all
}
