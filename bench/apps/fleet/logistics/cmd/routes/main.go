// Command routes finds the shortest way between places.
package main

import (
	"net/http"
	"time"

	"example.com/fleet/lib/recent"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type road struct {
	From string `json:"from"`
	To   string `json:"to"`
	Km   int    `json:"km"`
}

type route struct {
	Places []string `json:"places"`
	Km     int      `json:"km"`
}

func main() {
	var roads table.Table[string, []road] // by where they begin
	s := service.New("routes")
	s.Handle("POST /roads", func(r *http.Request) (any, error) {
		way, err := service.Body[road](r)
		if err != nil {
			return nil, err
		}
		if way.Km < 1 {
			return nil, service.Bad("%d km", way.Km)
		}
		return roads.Update(way.From, func(old []road, _ bool) ([]road, error) {
			return append(old[:len(old):len(old)], way), nil
		})
	})
	leaving := func(place string) []road {
		all, _ := roads.Get(place)
		return all
	}
	routes := recent.New(10000, time.Minute, func(ends string) (route, error) {
		return shortest(ends, leaving)
	})
	s.Handle("GET /routes/{from}/{to}", func(r *http.Request) (any, error) {
		return routes.Get(r.PathValue("from") + separator + r.PathValue("to"))
	})
	s.Main()
}
