package gocache

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// The messages of the protocol, one JSON value each.
// https://pkg.go.dev/cmd/go/internal/cacheprog
type request struct {
	ID       int64
	Command  string
	ActionID []byte
	OutputID []byte
	BodySize int64
}

type response struct {
	ID            int64
	Err           string     `json:",omitempty"`
	KnownCommands []string   `json:",omitempty"`
	Miss          bool       `json:",omitempty"`
	OutputID      []byte     `json:",omitempty"`
	Size          int64      `json:",omitempty"`
	Time          *time.Time `json:",omitempty"`
	DiskPath      string     `json:",omitempty"`
}

// inFlight bounds the requests that are worked on at once.
const inFlight = 16

// Serve answers a go command (1.24 or newer) from the directory until it closes the
// connection, and gives every action that was found or stored. A request that fails is
// answered so; only a broken connection is an error.
func Serve(in io.Reader, out io.Writer, dir Dir) (touched map[ID]bool, err error) {
	s := &server{dir: dir, out: json.NewEncoder(out), touched: map[ID]bool{}}
	s.answer(response{KnownCommands: []string{"get", "put", "close"}})
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, inFlight)
	for dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20)); ; {
		var req request
		if err := dec.Decode(&req); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		var body []byte
		if req.Command == "put" && req.BodySize > 0 {
			if err := dec.Decode(&body); err != nil {
				return nil, err
			}
		}
		slots <- struct{}{}
		wg.Add(1)
		go func() {
			defer func() { <-slots; wg.Done() }()
			s.answer(s.handle(req, body))
		}()
		if req.Command == "close" {
			break
		}
	}
	wg.Wait()
	return s.touched, s.err
}

type server struct {
	dir Dir

	mu      sync.Mutex
	out     *json.Encoder
	touched map[ID]bool
	err     error // the first in writing
}

func (s *server) answer(r response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.out.Encode(r); err != nil && s.err == nil {
		s.err = err
	}
}

func (s *server) touch(action ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touched[action] = true
}

func (s *server) handle(req request, body []byte) response {
	if req.Command == "close" {
		return response{ID: req.ID}
	}
	action, ok := toID(req.ActionID)
	if !ok {
		return response{ID: req.ID, Err: "bad action ID"}
	}
	switch req.Command {
	case "get":
		e, file, ok := s.dir.Get(action)
		if !ok {
			return response{ID: req.ID, Miss: true}
		}
		s.dir.used(action, e)
		s.touch(action)
		return response{ID: req.ID, OutputID: e.Output[:], Size: e.Size, Time: &e.Time, DiskPath: file}
	case "put":
		output, ok := toID(req.OutputID)
		if !ok {
			return response{ID: req.ID, Err: "bad output ID"}
		}
		file, err := s.dir.Put(action, Entry{Output: output, Size: req.BodySize, Time: time.Now()}, body)
		if err != nil {
			return response{ID: req.ID, Err: err.Error()}
		}
		s.touch(action)
		return response{ID: req.ID, DiskPath: file}
	default:
		return response{ID: req.ID, Err: fmt.Sprintf("unknown command %q", req.Command)}
	}
}

func toID(b []byte) (ID, bool) {
	var id ID
	if len(b) != len(id) {
		return id, false
	}
	copy(id[:], b)
	return id, true
}
