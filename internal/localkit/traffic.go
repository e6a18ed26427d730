package localkit

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// Traffic are the bytes of a registry's HTTP bodies: those of blobs and manifests, without headers.
type Traffic struct {
	Sent     int64 // what clients downloaded
	Received int64 // what clients uploaded
}

// Traffic is what went through the registry since it was started. It waits for requests that are being answered: a
// client may have the last byte before that is counted.
func (r *Registry) Traffic() Traffic {
	r.meter.busy.Lock()
	defer r.meter.busy.Unlock()
	return Traffic{Sent: r.meter.sent.Load(), Received: r.meter.received.Load()}
}

// Add is the sum of both.
func (t Traffic) Add(other Traffic) Traffic {
	return Traffic{t.Sent + other.Sent, t.Received + other.Received}
}

// Since is what came after an earlier state.
func (t Traffic) Since(before Traffic) Traffic {
	return Traffic{t.Sent - before.Sent, t.Received - before.Received}
}

type meter struct {
	sent, received atomic.Int64
	busy           sync.RWMutex // held by each request for reading
}

// measure counts the bodies that h reads and writes.
func (m *meter) measure(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.busy.RLock()
		defer m.busy.RUnlock()
		r.Body = &metered{r.Body, &m.received}
		if r.Method != http.MethodHead { // its answer has no body, whatever h writes
			w = &meteredAnswer{w, &m.sent}
		}
		h.ServeHTTP(w, r)
	})
}

type metered struct {
	io.ReadCloser
	bytes *atomic.Int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.bytes.Add(int64(n))
	return n, err
}

type meteredAnswer struct {
	http.ResponseWriter
	bytes *atomic.Int64
}

func (m *meteredAnswer) Write(p []byte) (int, error) {
	n, err := m.ResponseWriter.Write(p)
	m.bytes.Add(int64(n))
	return n, err
}

// ReadFrom leaves the copying to the server, whose kernel sends files by itself.
func (m *meteredAnswer) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(m.ResponseWriter, r)
	m.bytes.Add(n)
	return n, err
}
