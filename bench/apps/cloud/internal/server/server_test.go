package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/cloud/internal/health"
	"example.com/cloud/internal/inventory"
	"example.com/cloud/internal/store"
)

type token string

func (t token) Value(context.Context) (string, error) { return string(t), nil }

func TestHandler(t *testing.T) {
	s := store.New("west")
	s.Put(inventory.Resource{ID: inventory.ID{Kind: inventory.Deployment, Namespace: "shop", Name: "api"}})
	s.Put(inventory.Resource{ID: inventory.ID{Kind: inventory.Node, Name: "n1"}})
	h := Handler(s, token("sesame"), health.NewState("test"), http.NotFoundHandler())
	for _, c := range []struct {
		path, token string
		code        int
		body        string
	}{
		{"/v1/resources", "", http.StatusUnauthorized, ""},
		{"/v1/resources", "guess", http.StatusUnauthorized, ""},
		{"/v1/resources?kind=Node", "sesame", http.StatusOK, `"resources":[{"kind":"Node","name":"n1"`},
		{"/v1/resources/Deployment/shop/api", "sesame", http.StatusOK, `"name":"api"`},
		{"/v1/resources/Node/n2", "sesame", http.StatusNotFound, ""},
		{"/healthz", "", http.StatusServiceUnavailable, `"ready":false`},
	} {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s with %q: %d %s", c.path, c.token, w.Code, w.Body)
		}
	}
}
