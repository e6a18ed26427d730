package service

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// maxBody is the most bytes of a request.
const maxBody = 1 << 20

// Status is an error that is told to the client.
type Status struct {
	Code int
	Text string
}

func (s Status) Error() string { return s.Text }

// Missing is the error for something that does not exist.
func Missing(kind, id string) error {
	return Status{http.StatusNotFound, fmt.Sprintf("no %s %q", kind, id)}
}

// Bad is the error for a request that makes no sense.
func Bad(format string, args ...any) error {
	return Status{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Body reads the JSON of a request. Unknown fields are errors.
func Body[T any](r *http.Request) (T, error) {
	var v T
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, Bad("body: %v", err)
	}
	return v, nil
}
