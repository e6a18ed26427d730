package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestParse(t *testing.T) {
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	defer behind.Close()
	name, proxy, err := parse("cart=" + behind.URL + "/v1")
	if err != nil || name != "cart" {
		t.Fatalf("got %q, %v", name, err)
	}
	w := httptest.NewRecorder()
	proxy.ServeHTTP(w, httptest.NewRequest("GET", "/carts/ann", nil))
	if got := w.Body.String(); got != "/v1/carts/ann" {
		t.Errorf("got %q", got)
	}
	for _, route := range []string{"cart", "=http://x", "a/b=http://x", "cart=x", "cart=ftp://x"} {
		if _, _, err := parse(route); err == nil {
			t.Errorf("%q is a route", route)
		}
	}
}
