// Command cart keeps what people are about to buy.
package main

import (
	"net/http"

	"example.com/fleet/lib/money"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type line struct {
	Article string       `json:"article"`
	Count   int64        `json:"count"`
	Price   money.Amount `json:"price"` // of one
}

type cart struct {
	Lines []line       `json:"lines"`
	Total money.Amount `json:"total"`
}

func main() {
	var carts table.Table[string, []line]
	s := service.New("cart")
	s.Handle("GET /carts/{user}", func(r *http.Request) (any, error) {
		lines, _ := carts.Get(r.PathValue("user"))
		return total(lines)
	})
	s.Handle("POST /carts/{user}", func(r *http.Request) (any, error) {
		added, err := service.Body[line](r)
		if err != nil {
			return nil, err
		}
		if added.Count < 1 {
			return nil, service.Bad("count is %d", added.Count)
		}
		lines, err := carts.Update(r.PathValue("user"), func(lines []line, _ bool) ([]line, error) {
			return add(lines, added), nil
		})
		if err != nil {
			return nil, err
		}
		return total(lines)
	})
	s.Handle("DELETE /carts/{user}", func(r *http.Request) (any, error) {
		return carts.Delete(r.PathValue("user")), nil
	})
	s.Main()
}

// add gives lines with one more article, or more of one. It leaves lines as they are.
func add(lines []line, added line) []line {
	sum := append([]line(nil), lines...)
	for i := range sum {
		if sum[i].Article == added.Article {
			sum[i].Count += added.Count
			return sum
		}
	}
	return append(sum, added)
}

func total(lines []line) (cart, error) {
	c := cart{Lines: lines}
	for _, l := range lines {
		sum, err := c.Total.Add(l.Price.Times(l.Count))
		if err != nil {
			return cart{}, service.Bad("%s: %v", l.Article, err)
		}
		c.Total = sum
	}
	return c, nil
}
