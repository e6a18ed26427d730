// Package service is the frame of all services: flags, log, server and end.
package service

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

// Service is one running service.
type Service struct {
	Log   zerolog.Logger
	Flags *flag.FlagSet

	mux    *http.ServeMux
	starts []func(context.Context) error
}

// Handler answers a request with a value that becomes JSON. An error that is not a [Status] is the service's own
// fault, and only logged.
type Handler func(*http.Request) (any, error)

// New gives a service that answers nothing but /healthz.
func New(name string) *Service {
	s := &Service{
		Log:   zerolog.New(os.Stderr).With().Timestamp().Str("service", name).Logger(),
		Flags: flag.NewFlagSet(name, flag.ExitOnError),
		mux:   http.NewServeMux(),
	}
	s.Handle("GET /healthz", func(*http.Request) (any, error) { return "ok", nil })
	return s
}

// Handle answers requests that match pattern, as in [http.ServeMux], with h.
func (s *Service) Handle(pattern string, h Handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v, err := h(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			s.Log.Debug().Err(err).Str("path", r.URL.Path).Msg("answer not sent")
		}
	})
}

// Mount answers requests that match pattern with a handler of any kind.
func (s *Service) Mount(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// OnStart has f run before the first request, after the flags are parsed. What it starts ends with its context.
func (s *Service) OnStart(f func(context.Context) error) { s.starts = append(s.starts, f) }

// ServeHTTP makes a service a handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Service) fail(w http.ResponseWriter, r *http.Request, err error) {
	var status Status
	if !errors.As(err, &status) {
		s.Log.Error().Err(err).Str("path", r.URL.Path).Msg("request failed")
		status = Status{http.StatusInternalServerError, "failed"}
	}
	http.Error(w, status.Text, status.Code)
}

// Main runs the service until a signal ends the process.
func (s *Service) Main() {
	listen := s.Flags.String("listen", ":8080", "address to serve at")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The flag set ends the process at a mistake.
	_ = s.Flags.Parse(os.Args[1:])
	if err := s.run(ctx, *listen); err != nil {
		s.Log.Fatal().Err(err).Send()
	}
}

func (s *Service) run(ctx context.Context, listen string) error {
	for _, start := range s.starts {
		if err := start(ctx); err != nil {
			return err
		}
	}
	server := &http.Server{Addr: listen, Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(end)
	})
	s.Log.Info().Str("address", listen).Msg("serving")
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}
