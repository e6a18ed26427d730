package gocache

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// Cache is the tiers, in the order in which they are asked.
type Cache struct {
	Layers []*Layer
	Store  *Store
	// Module indexes are apart from all other entries, since an action says only where the
	// modules are and not what is in them: these must be of the very folders that the go
	// command sees.
	Indexes []*Indexes
	Kept    *Store // where those that are put go
}

// Record is what one run of a go command took from a cache and put there. Module indexes are
// not in it.
type Record struct {
	Touched  []ID // actions, sorted, that were found in the store or put there: what the layers lack
	Packages int  // package archives that were found in any tier
	Compiled int  // package archives that were put
	Indexes  []ID // actions, sorted, of module indexes that were found or put
}

// The messages of the protocol, one JSON value on a line each.
// https://pkg.go.dev/cmd/go/internal/cacheprog
type request struct {
	ID       int64
	Command  string
	ActionID []byte
	OutputID []byte
	BodySize int64
	body     *buffer // what follows the request, as base64; nil for nothing
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

// Serve answers a go command (1.24 or newer) until it closes the connection. A request that
// fails is answered so; only a broken connection is an error.
//
// A module index comes from Indexes and Kept only, and goes to Kept.
func Serve(in io.Reader, out io.Writer, c Cache) (*Record, error) {
	s := &server{
		cache: c, out: json.NewEncoder(out),
		touched: map[ID]bool{}, packages: map[ID]bool{}, compiled: map[ID]bool{}, indexes: map[ID]bool{},
	}
	s.answer(response{KnownCommands: []string{"get", "put", "close"}})
	if err := s.serve(bufio.NewReaderSize(in, 1<<18)); err != nil {
		return nil, err
	}
	return s.record(), s.err
}

type server struct {
	cache Cache

	mu                                   sync.Mutex
	out                                  *json.Encoder
	err                                  error       // the first in writing
	touched, packages, compiled, indexes map[ID]bool // actions
}

// serve answers requests until one of them, or the end of in, closes the connection.
func (s *server) serve(in *bufio.Reader) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, inFlight)
	for {
		req, err := read(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if req.Command == "close" {
			wg.Wait()
			s.answer(response{ID: req.ID})
			return nil
		}
		if action, ok := toID(req.ActionID); ok && req.Command == "get" {
			if f, ok := s.ready(action); ok { // most are, and to have another goroutine answer takes longer
				s.answer(f.answers(req))
				continue
			}
		}
		slots <- struct{}{}
		wg.Go(func() {
			s.answer(s.handle(req))
			req.body.release()
			<-slots
		})
	}
}

// read gives the next request, with its body. At the end of in it is io.EOF.
func read(in *bufio.Reader) (req request, err error) {
	var line []byte
	for len(line) == 0 {
		line, err = in.ReadBytes('\n')
		line = bytes.TrimSpace(line)
		if err != nil && (err != io.EOF || len(line) == 0) {
			return request{}, err
		}
	}
	if err := json.Unmarshal(line, &req); err != nil {
		return request{}, fmt.Errorf("request: %w", err)
	}
	if req.Command != "put" || req.BodySize <= 0 {
		return req, nil
	}
	before, err := in.ReadBytes('"')
	if err == nil && len(bytes.TrimSpace(before)) != 1 {
		return request{}, errors.New("the body of a request is no string")
	}
	if err == nil {
		req.body = newBuffer()
		err = req.body.readString(in, base64.StdEncoding.EncodedLen(int(min(req.BodySize, keptSize))))
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return req, err
}

// readString takes what is in front of the next quote, probably size bytes, as coded.
func (b *buffer) readString(in *bufio.Reader, size int) error {
	b.coded = slices.Grow(b.coded[:0], size+1)
	for {
		part, err := in.ReadSlice('"')
		b.coded = append(b.coded, part...)
		if err != bufio.ErrBufferFull {
			b.coded = bytes.TrimSuffix(b.coded, []byte(`"`))
			return err
		}
	}
}

func (s *server) answer(r response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.out.Encode(r); err != nil && s.err == nil {
		s.err = err
	}
}

func (s *server) handle(req request) response {
	if req.Command != "get" && req.Command != "put" {
		return response{ID: req.ID, Err: fmt.Sprintf("unknown command %q", req.Command)}
	}
	action, ok := toID(req.ActionID)
	if !ok {
		return response{ID: req.ID, Err: "bad action ID"}
	}
	if req.Command == "get" {
		f, ok := s.get(action)
		if !ok {
			return response{ID: req.ID, Miss: true}
		}
		return f.answers(req)
	}
	file, err := s.put(action, req)
	if err != nil {
		return response{ID: req.ID, Err: err.Error()}
	}
	return response{ID: req.ID, DiskPath: file}
}

func (f found) answers(req request) response {
	return response{ID: req.ID, OutputID: f.Output[:], Size: f.Size, Time: &f.Time, DiskPath: f.file}
}

// ready finds an action in a layer, if no content has to be read for that.
func (s *server) ready(action ID) (found, bool) {
	for _, x := range s.cache.Indexes {
		if f, ok := x.find(action); ok {
			s.noteIndex(action)
			return f, true
		}
	}
	for _, l := range s.cache.Layers {
		if _, le, ok := l.find(action); ok && le.kind != index {
			f, ok := s.cache.Store.ready(action, l)
			if ok {
				s.note(action, f.kind, s.packages, false)
			}
			return f, ok
		}
	}
	return found{}, false
}

// get finds an action in the tiers that is not ready.
func (s *server) get(action ID) (found, bool) {
	for _, l := range s.cache.Layers {
		if _, le, ok := l.find(action); !ok || le.kind == index {
			continue
		}
		if f, ok := s.cache.Store.unpacked(action, l); ok {
			s.note(action, f.kind, s.packages, false)
			return f, true
		}
	}
	if f, ok := s.cache.Store.find(action); ok {
		s.note(action, f.kind, s.packages, true)
		return f, true
	}
	f, ok := s.cache.Kept.findAny(action)
	if ok {
		s.noteIndex(action)
	}
	return f, ok
}

func (s *server) noteIndex(action ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes[action] = true
}

// put stores a body and gives the file of its content.
func (s *server) put(action ID, req request) (string, error) {
	output, ok := toID(req.OutputID)
	if !ok {
		return "", errors.New("bad output ID")
	}
	content, err := req.body.decode()
	if err != nil {
		return "", err
	}
	e := Entry{Output: output, Size: req.BodySize, Time: time.Now()}
	if kindOf(content) == index {
		file, err := s.cache.Kept.Put(action, e, content)
		if err == nil {
			s.noteIndex(action)
		}
		return file, err
	}
	file, err := s.cache.Store.Put(action, e, content)
	if err == nil {
		s.note(action, kindOf(content), s.compiled, true)
	}
	return file, err
}

// decode gives the content that is coded as base64, which is valid until the next call.
func (b *buffer) decode() (content []byte, err error) {
	if b == nil {
		return nil, nil
	}
	b.content, err = base64.StdEncoding.AppendDecode(b.content[:0], b.coded)
	return b.content, err
}

// note adds an action to the record: a package archive to packages.
func (s *server) note(action ID, k kind, packages map[ID]bool, touched bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k == archive {
		packages[action] = true
	}
	if touched {
		s.touched[action] = true
	}
}

func (s *server) record() *Record {
	return &Record{
		Touched:  slices.SortedFunc(maps.Keys(s.touched), compareID),
		Packages: len(s.packages),
		Compiled: len(s.compiled),
		Indexes:  slices.SortedFunc(maps.Keys(s.indexes), compareID),
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
