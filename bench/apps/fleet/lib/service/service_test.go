package service

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandle(t *testing.T) {
	s := New("test")
	s.Handle("POST /echo", func(r *http.Request) (any, error) { return Body[struct{ Name string }](r) })
	s.Handle("GET /missing", func(*http.Request) (any, error) { return nil, Missing("thing", "x") })
	s.Handle("GET /broken", func(*http.Request) (any, error) { return nil, errors.New("a detail") })
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/healthz", "", http.StatusOK, `"ok"`},
		{"POST", "/echo", `{"Name":"a"}`, http.StatusOK, `{"Name":"a"}`},
		{"POST", "/echo", `{"Nmae":"a"}`, http.StatusBadRequest, "unknown field"},
		{"GET", "/missing", "", http.StatusNotFound, `no thing "x"`},
		{"GET", "/broken", "", http.StatusInternalServerError, "failed"},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}
