// Command search finds articles by their words.
package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/fleet/lib/flags"
	"example.com/fleet/lib/recent"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type document struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

func main() {
	var documents table.Table[string, document]
	var features flags.Set
	s := service.New("search")
	path := s.Flags.String("flags", "", "TOML file with the flag prefixes")
	s.OnStart(func(context.Context) error {
		if *path == "" {
			return nil
		}
		var err error
		features, err = flags.Load(*path)
		return err
	})
	find := func(words string, match func(word, query string) bool) []document {
		return documents.All(func(d document) bool { return matches(d, words, match) })
	}
	exact := recent.New(1000, time.Minute, func(words string) ([]document, error) {
		return find(words, func(word, query string) bool { return word == query }), nil
	})
	s.Handle("PUT /documents", func(r *http.Request) (any, error) {
		d, err := service.Body[document](r)
		if err != nil {
			return nil, err
		}
		documents.Put(d.ID, d)
		return d, nil
	})
	s.Handle("GET /search", func(r *http.Request) (any, error) {
		words := strings.ToLower(r.URL.Query().Get("q"))
		if features.On("prefixes", r.Header.Get("X-User")) {
			return find(words, strings.HasPrefix), nil
		}
		return exact.Get(words)
	})
	s.Main()
}

// matches reports whether each of the words matches one of the document.
func matches(d document, words string, match func(word, query string) bool) bool {
	have := strings.Fields(strings.ToLower(d.Text))
	for _, query := range strings.Fields(words) {
		if !slices.ContainsFunc(have, func(word string) bool { return match(word, query) }) {
			return false
		}
	}
	return true
}
