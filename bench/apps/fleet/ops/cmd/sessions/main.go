// Command sessions knows who has signed in.
package main

import (
	"crypto/rand"
	"net/http"
	"time"

	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type session struct {
	Token   string    `json:"token"`
	User    string    `json:"user"`
	Expires time.Time `json:"expires"`
}

func main() {
	var all table.Table[string, session]
	s := service.New("sessions")
	idle := s.Flags.Duration("idle", time.Hour, "how long a session lasts without use")
	s.Handle("POST /sessions/{user}", func(r *http.Request) (any, error) {
		n := session{rand.Text(), r.PathValue("user"), time.Now().UTC().Add(*idle)}
		all.Put(n.Token, n)
		return n, nil
	})
	s.Handle("GET /sessions/{token}", func(r *http.Request) (any, error) {
		token := r.PathValue("token")
		return all.Update(token, func(n session, ok bool) (session, error) {
			now := time.Now().UTC()
			if !ok || now.After(n.Expires) {
				return n, service.Status{Code: http.StatusUnauthorized, Text: "no such session"}
			}
			n.Expires = now.Add(*idle)
			return n, nil
		})
	})
	s.Handle("DELETE /sessions/{token}", func(r *http.Request) (any, error) {
		return all.Delete(r.PathValue("token")), nil
	})
	s.Main()
}
