// Command catalog knows the articles.
package main

import (
	"net/http"
	"slices"
	"strings"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type article struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Tags  []string `json:"tags,omitempty"`
}

func main() {
	var articles table.Table[string, article]
	s := service.New("catalog")
	s.Handle("GET /articles", func(r *http.Request) (any, error) {
		tag := r.URL.Query().Get("tag")
		return articles.All(func(a article) bool { return tag == "" || slices.Contains(a.Tags, tag) }), nil
	})
	s.Handle("GET /articles/{id}", func(r *http.Request) (any, error) {
		a, ok := articles.Get(r.PathValue("id"))
		if !ok {
			return nil, service.Missing("article", r.PathValue("id"))
		}
		return a, nil
	})
	s.Handle("POST /articles", func(r *http.Request) (any, error) {
		a, err := service.Body[article](r)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(a.Title) == "" {
			return nil, service.Bad("title is missing")
		}
		a.ID = ident.New("article")
		articles.Put(a.ID, a)
		return a, nil
	})
	s.Main()
}
