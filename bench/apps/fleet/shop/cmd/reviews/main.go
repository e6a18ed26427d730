// Command reviews keeps what people think of articles.
package main

import (
	"net/http"

	"example.com/fleet/lib/ident"
	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type review struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Stars   int    `json:"stars"` // 1 to 5
	Text    string `json:"text,omitempty"`
}

type summary struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"` // 0 without reviews
}

func main() {
	var reviews table.Table[string, review]
	s := service.New("reviews")
	s.Handle("POST /reviews", func(r *http.Request) (any, error) {
		v, err := service.Body[review](r)
		if err != nil {
			return nil, err
		}
		if v.Stars < 1 || v.Stars > 5 {
			return nil, service.Bad("%d stars", v.Stars)
		}
		v.ID = ident.New("review")
		reviews.Put(v.ID, v)
		return v, nil
	})
	s.Handle("GET /articles/{article}/reviews", func(r *http.Request) (any, error) {
		return reviews.All(func(v review) bool { return v.Article == r.PathValue("article") }), nil
	})
	s.Handle("GET /articles/{article}/stars", func(r *http.Request) (any, error) {
		return summarize(reviews.All(func(v review) bool { return v.Article == r.PathValue("article") })), nil
	})
	s.Main()
}

func summarize(reviews []review) summary {
	stars := 0
	for _, v := range reviews {
		stars += v.Stars
	}
	if stars == 0 {
		return summary{}
	}
	return summary{len(reviews), float64(stars) / float64(len(reviews))}
}
