// Command parcels packs orders.
package main

import (
	"net/http"
	"slices"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

// heaviest is the most that a parcel weighs, in grams.
const heaviest = 31500

type item struct {
	Article string `json:"article"`
	Grams   int    `json:"grams"`
}

type parcel struct {
	ID    string `json:"id"`
	Items []item `json:"items"`
	Grams int    `json:"grams"`
}

func main() {
	var parcels table.Table[string, parcel]
	s := service.New("parcels")
	s.Handle("POST /orders", func(r *http.Request) (any, error) {
		items, err := service.Body[[]item](r)
		if err != nil {
			return nil, err
		}
		packed, err := pack(items)
		if err != nil {
			return nil, err
		}
		for i := range packed {
			packed[i].ID = ident.New("parcel")
			parcels.Put(packed[i].ID, packed[i])
		}
		return packed, nil
	})
	s.Handle("GET /parcels/{id}", func(r *http.Request) (any, error) {
		p, ok := parcels.Get(r.PathValue("id"))
		if !ok {
			return nil, service.Missing("parcel", r.PathValue("id"))
		}
		return p, nil
	})
	s.Main()
}

// pack puts each item, the heaviest first, into the first parcel that can take it.
func pack(items []item) ([]parcel, error) {
	items = slices.SortedStableFunc(slices.Values(items), func(a, b item) int { return b.Grams - a.Grams })
	var parcels []parcel
	for _, it := range items {
		if it.Grams < 1 || it.Grams > heaviest {
			return nil, service.Bad("%s weighs %d g", it.Article, it.Grams)
		}
		i := slices.IndexFunc(parcels, func(p parcel) bool { return p.Grams+it.Grams <= heaviest })
		if i < 0 {
			i, parcels = len(parcels), append(parcels, parcel{})
		}
		parcels[i].Items = append(parcels[i].Items, it)
		parcels[i].Grams += it.Grams
	}
	return parcels, nil
}
