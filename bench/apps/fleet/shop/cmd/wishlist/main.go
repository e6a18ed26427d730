// Command wishlist keeps what people want to have some day.
package main

import (
	"net/http"
	"slices"

	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

// most is the most wishes of one user.
const most = 100

func main() {
	var wishes table.Table[string, []string]
	s := service.New("wishlist")
	s.Handle("GET /wishes/{user}", func(r *http.Request) (any, error) {
		articles, _ := wishes.Get(r.PathValue("user"))
		return articles, nil
	})
	s.Handle("PUT /wishes/{user}/{article}", func(r *http.Request) (any, error) {
		return wishes.Update(r.PathValue("user"), func(old []string, _ bool) ([]string, error) {
			if slices.Contains(old, r.PathValue("article")) {
				return old, nil
			}
			if len(old) == most {
				return nil, service.Bad("there are %d wishes", most)
			}
			return append(slices.Clone(old), r.PathValue("article")), nil
		})
	})
	s.Handle("DELETE /wishes/{user}/{article}", func(r *http.Request) (any, error) {
		return wishes.Update(r.PathValue("user"), func(old []string, _ bool) ([]string, error) {
			return slices.DeleteFunc(slices.Clone(old), func(a string) bool { return a == r.PathValue("article") }), nil
		})
	})
	s.Main()
}
