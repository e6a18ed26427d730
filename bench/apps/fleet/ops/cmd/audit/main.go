// Command audit notes who did what, in a chain that shows when a note was changed.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"example.com/fleet/lib/service"
)

type note struct {
	Who  string    `json:"who"`
	What string    `json:"what"`
	Time time.Time `json:"time"`
	Hash string    `json:"hash"` // of this note and the hash before it
}

// chain is for use by several goroutines.
type chain struct {
	mu    sync.Mutex
	notes []note
}

func main() {
	var c chain
	s := service.New("audit")
	s.Handle("POST /notes", func(r *http.Request) (any, error) {
		n, err := service.Body[note](r)
		if err != nil {
			return nil, err
		}
		n.Time = time.Now().UTC()
		return c.add(n)
	})
	s.Handle("GET /notes", func(r *http.Request) (any, error) {
		since, err := strconv.Atoi(r.FormValue("since"))
		if err != nil || since < 0 {
			return nil, service.Bad("since: %q is not the number of a note", r.FormValue("since"))
		}
		return c.from(since), nil
	})
	s.Main()
}

func (c *chain) add(n note) (note, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n.Hash = ""
	if len(c.notes) > 0 {
		n.Hash = c.notes[len(c.notes)-1].Hash
	}
	data, err := json.Marshal(n)
	if err != nil {
		return n, err
	}
	sum := sha256.Sum256(data)
	n.Hash = hex.EncodeToString(sum[:])
	c.notes = append(c.notes, n)
	return n, nil
}

func (c *chain) from(i int) []note {
	c.mu.Lock()
	defer c.mu.Unlock()
	i = min(i, len(c.notes))
	return c.notes[i:len(c.notes):len(c.notes)]
}
