// Command returns takes articles back.
package main

import (
	"net/http"
	"time"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type request struct {
	ID       string    `json:"id"`
	Order    string    `json:"order"`
	Article  string    `json:"article"`
	Reason   string    `json:"reason"`
	Received time.Time `json:"received"` // when the article was sold
	Accepted bool      `json:"accepted"`
}

func main() {
	var requests table.Table[string, request]
	s := service.New("returns")
	period := s.Flags.Duration("period", 30*24*time.Hour, "how long articles are taken back")
	s.Handle("POST /returns", func(r *http.Request) (any, error) {
		q, err := service.Body[request](r)
		if err != nil {
			return nil, err
		}
		q.ID, q.Accepted = ident.New("return"), q.inTime(time.Now(), *period)
		requests.Put(q.ID, q)
		return q, nil
	})
	s.Handle("GET /returns", func(r *http.Request) (any, error) {
		order := r.URL.Query().Get("order")
		return requests.All(func(q request) bool { return order == "" || q.Order == order }), nil
	})
	s.Main()
}

// inTime reports whether the article comes back within the period. A broken one always does.
func (q request) inTime(now time.Time, period time.Duration) bool {
	return q.Reason == "broken" || now.Sub(q.Received) <= period
}
