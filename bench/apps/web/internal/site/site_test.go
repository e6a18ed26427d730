package site

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"example.com/web/internal/pages"
)

func TestSite(t *testing.T) {
	db, err := pages.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h, err := New(db)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {"0"}, "text": {"# Welcome"}}
	for _, step := range []struct {
		method, path string
		code         int
		body         string
	}{
		{"GET", "/", http.StatusFound, ""},
		{"GET", "/pages/home", http.StatusFound, ""},
		{"GET", "/pages/home/edit", http.StatusOK, `name="version" value="0"`},
		{"POST", "/pages/home", http.StatusSeeOther, ""},
		{"POST", "/pages/home", http.StatusConflict, "changed meanwhile"},
		{"GET", "/pages/home", http.StatusOK, `<h1 id="welcome">Welcome</h1>`},
		{"GET", "/search?q=welcome", http.StatusOK, `<a href="/pages/home">home</a>`},
		{"GET", "/pages/a%20b", http.StatusNotFound, ""},
		{"GET", "/css/site.css", http.StatusOK, "max-width"},
		{"GET", "/.well-known/security.txt", http.StatusOK, "Contact:"},
		{"GET", "/none", http.StatusNotFound, ""},
	} {
		r := httptest.NewRequest(step.method, step.path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != step.code || !strings.Contains(w.Body.String(), step.body) {
			t.Errorf("%s %s: %d\n%s", step.method, step.path, w.Code, w.Body)
		}
	}
}
