// Command stock counts what is in the warehouses.
package main

import (
	"net/http"

	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type move struct {
	Article string `json:"article"`
	From    string `json:"from,omitempty"` // a warehouse; "" is a delivery
	To      string `json:"to,omitempty"`   // a warehouse; "" is a sale
	Count   int    `json:"count"`
}

// counts is the number of an article in each warehouse.
type counts map[string]int

func main() {
	var stock table.Table[string, counts]
	s := service.New("stock")
	s.Handle("GET /stock/{article}", func(r *http.Request) (any, error) {
		c, ok := stock.Get(r.PathValue("article"))
		if !ok {
			return nil, service.Missing("article", r.PathValue("article"))
		}
		return c, nil
	})
	s.Handle("POST /moves", func(r *http.Request) (any, error) {
		m, err := service.Body[move](r)
		if err != nil {
			return nil, err
		}
		return stock.Update(m.Article, func(c counts, _ bool) (counts, error) { return c.apply(m) })
	})
	s.Main()
}

// apply gives the counts after m. It leaves c as it is.
func (c counts) apply(m move) (counts, error) {
	if m.Count < 1 || m.From == m.To {
		return nil, service.Bad("%d from %q to %q", m.Count, m.From, m.To)
	}
	after := counts{}
	for warehouse, n := range c {
		after[warehouse] = n
	}
	if m.From != "" {
		if after[m.From] < m.Count {
			return nil, service.Status{Code: http.StatusConflict, Text: "not enough there"}
		}
		after[m.From] -= m.Count
	}
	if m.To != "" {
		after[m.To] += m.Count
	}
	return after, nil
}
