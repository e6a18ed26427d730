// Command tracking knows where parcels are.
package main

import (
	"net/http"
	"time"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type event struct {
	Place string    `json:"place"`
	Text  string    `json:"text"`
	Time  time.Time `json:"time"`
}

func main() {
	var parcels table.Table[string, []event]
	s := service.New("tracking")
	s.Handle("POST /parcels/{id}", func(r *http.Request) (any, error) {
		id := r.PathValue("id")
		if !ident.Valid("parcel", id) {
			return nil, service.Bad("%q is not a parcel", id)
		}
		e, err := service.Body[event](r)
		if err != nil {
			return nil, err
		}
		e.Time = time.Now().UTC()
		return parcels.Update(id, func(old []event, _ bool) ([]event, error) {
			return append(old[:len(old):len(old)], e), nil
		})
	})
	s.Handle("GET /parcels/{id}", func(r *http.Request) (any, error) {
		events, ok := parcels.Get(r.PathValue("id"))
		if !ok {
			return nil, service.Missing("parcel", r.PathValue("id"))
		}
		return events, nil
	})
	s.Main()
}
