// Package health is how the server says that it works, and how the probe asks.
package health

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
)

// Path is where a server answers.
const Path = "/healthz"

// Status is the body of an answer.
type Status struct {
	Ready   bool   `json:"ready"`
	Version string `json:"version"`
}

// State is a server's own status. It is not ready until it is told so.
type State struct {
	version string
	ready   atomic.Bool
}

// NewState gives the state of a server of that version.
func NewState(version string) *State { return &State{version: version} }

// SetReady says that the server is ready.
func (s *State) SetReady() { s.ready.Store(true) }

// ServeHTTP answers with the status; the code is 503 until the server is ready.
func (s *State) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	status := Status{Ready: s.ready.Load(), Version: s.version}
	w.Header().Set("Content-Type", "application/json")
	if !status.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// The client that went away is the only one to tell.
	_ = json.NewEncoder(w).Encode(status)
}

// Ask gives the status of the server at base, for example http://localhost:8080.
func Ask(ctx context.Context, base string) (Status, error) {
	var status Status
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+Path, nil)
	if err != nil {
		return status, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return status, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&status); err != nil {
		return status, fmt.Errorf("%s: %w", resp.Status, err)
	}
	return status, nil
}
