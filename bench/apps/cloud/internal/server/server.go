// Package server serves the state of a cluster over HTTP.
package server

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"example.com/cloud/internal/health"
	"example.com/cloud/internal/inventory"
)

// grace is how long requests may go on at the end.
const grace = 5 * time.Second

// Source gives the present state.
type Source interface {
	Get(inventory.ID) (inventory.Resource, bool)
	Snapshot(now time.Time) inventory.Snapshot
}

// Token gives what a client has to show.
type Token interface {
	Value(context.Context) (string, error)
}

// Handler serves source under /v1/resources, to clients that show token; a nil token lets everybody in.
func Handler(source Source, token Token, state *health.State, metrics http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+health.Path, state)
	mux.Handle("GET /metrics", metrics)
	mux.Handle("GET /v1/resources", guard(token, list(source)))
	mux.Handle("GET /v1/resources/{kind}/{name}", guard(token, get(source)))
	mux.Handle("GET /v1/resources/{kind}/{namespace}/{name}", guard(token, get(source)))
	return mux
}

// Serve serves h at l until ctx ends.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		stopped <- s.Shutdown(end)
	})
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func list(source Source) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := source.Snapshot(time.Now())
		if kind := inventory.Kind(r.URL.Query().Get("kind")); kind != "" {
			kept := s.Resources[:0]
			for _, res := range s.Resources {
				if res.Kind == kind {
					kept = append(kept, res)
				}
			}
			s.Resources = kept
		}
		answer(w, r, s)
	}
}

func get(source Source) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		res, ok := source.Get(inventory.ID{
			Kind:      inventory.Kind(r.PathValue("kind")),
			Namespace: r.PathValue("namespace"),
			Name:      r.PathValue("name"),
		})
		if !ok {
			http.NotFound(w, r)
			return
		}
		answer(w, r, res)
	}
}

func answer(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		klog.FromContext(r.Context()).V(1).Info("answer not sent", "path", r.URL.Path, "err", err)
	}
}

// guard lets requests with the token through to next.
func guard(token Token, next http.Handler) http.Handler {
	if token == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want, err := token.Value(r.Context())
		if err != nil {
			klog.FromContext(r.Context()).Error(err, "no token")
			http.Error(w, "not able to check the token", http.StatusServiceUnavailable)
			return
		}
		got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
			http.Error(w, "not allowed", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
