// Package progress says what became of each vertex of a build, from the events that BuildKit
// sends while it runs.
package progress

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

// State is what became of a vertex.
type State int

const (
	Pending  State = iota // never started: what uses it was cached, or the build ended before
	Running               // the events end before it did
	Cached                // served from a cache
	Executed              // completed, and no event called it cached
	Failed
	Canceled // stopped because another one failed, or the client went away
)

// Build is a build as far as its events say.
type Build struct {
	Vertices []*Vertex // by their first start; those that never started last, in the order they were named
	Warnings []Warning
	// Start and End are those of the vertices; End is the last time that an event has when
	// vertices still run. Both are zero when none started.
	Start, End time.Time
	// Text is what is written between the events, by line: what the client itself says.
	Text []string
	// Cut says that the events end in the middle of one.
	Cut bool
}

// Vertex is a step of the build.
type Vertex struct {
	Digest digest.Digest
	Inputs []digest.Digest
	Name   string
	State  State
	Error  string // why it failed, or was canceled
	// Spans are when it ran, in order, never empty once it started. One that was found in a
	// cache can have another span, in which its layers were pulled.
	Spans    []Span
	Received int64  // bytes, from a registry or the client
	Log      []byte // the last maxLog bytes of what it wrote
}

// Warning is what a frontend says of the build, as its linter does.
type Warning struct {
	Short, Detail string
	URL           string // of what explains it, or ""
}

// maxLog is how much is kept of what a vertex writes.
const maxLog = 64 << 10

// Span is a time in which a vertex ran, from Start to End, which is not before it.
type Span struct{ Start, End time.Time }

// Start is when the vertex first started, the zero time when it never did.
func (v *Vertex) Start() time.Time {
	if len(v.Spans) == 0 {
		return time.Time{}
	}
	return v.Spans[0].Start
}

// End is when the vertex was last seen at work.
func (v *Vertex) End() (end time.Time) {
	for _, s := range v.Spans {
		if s.End.After(end) {
			end = s.End
		}
	}
	return end
}

// Took is how long the vertex was at work.
func (v *Vertex) Took() (d time.Duration) {
	for _, s := range v.Spans {
		d += s.End.Sub(s.Start)
	}
	return d
}

// Service reports whether a vertex with this name is what BuildKit or the client do for every build.
func Service(name string) bool {
	for _, prefix := range []string{"[internal]", "[auth]", "resolve image config", "docker-image://", "importing cache", "exporting"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Recorder takes the events of one build. The zero value is ready.
type Recorder struct {
	vertices []*track
	byDigest map[digest.Digest]*track
	warnings []Warning
	last     time.Time
	text     []string
	cut      bool
}

// track is a vertex while events come in.
type track struct {
	Vertex
	cached, open bool
	received     map[string]int64 // by blob
}

// Add takes an event.
func (r *Recorder) Add(e *client.SolveStatus) {
	for _, v := range e.Vertexes {
		if v != nil {
			r.vertex(v)
		}
	}
	for _, s := range e.Statuses {
		if s == nil {
			continue
		}
		r.seen(&s.Timestamp)
		if strings.HasPrefix(s.ID, "sha256:") || strings.HasPrefix(s.ID, "transferring") {
			t := r.track(s.Vertex)
			t.received[s.ID] = max(t.received[s.ID], s.Current)
		}
	}
	for _, l := range e.Logs {
		if l == nil {
			continue
		}
		r.seen(&l.Timestamp)
		t := r.track(l.Vertex)
		t.Log = append(t.Log, l.Data...)
		if over := len(t.Log) - maxLog; over > 0 {
			t.Log = slices.Clone(t.Log[over:])
		}
	}
	for _, w := range e.Warnings {
		if w != nil {
			r.warnings = append(r.warnings, Warning{Short: string(w.Short), Detail: string(bytes.Join(w.Detail, []byte("\n"))), URL: w.URL})
		}
	}
}

func (r *Recorder) track(d digest.Digest) *track {
	t := r.byDigest[d]
	if t == nil {
		if r.byDigest == nil {
			r.byDigest = map[digest.Digest]*track{}
		}
		t = &track{Vertex: Vertex{Digest: d}, received: map[string]int64{}}
		r.byDigest[d] = t
		r.vertices = append(r.vertices, t)
	}
	return t
}

func (r *Recorder) seen(t *time.Time) {
	if t != nil && t.After(r.last) {
		r.last = *t
	}
}

// vertex takes an event of a vertex. A vertex that one event calls cached is cached: others
// don't say so, before its cache key is found and while its layers are pulled.
func (r *Recorder) vertex(v *client.Vertex) {
	t := r.track(v.Digest)
	t.Name = cmp.Or(v.Name, t.Name)
	if len(v.Inputs) > 0 {
		t.Inputs = v.Inputs
	}
	t.cached = t.cached || v.Cached
	t.Error = v.Error
	start := cmp.Or(v.Started, v.Completed)
	if start == nil {
		return
	}
	r.seen(start)
	r.seen(v.Completed)
	if n := len(t.Spans); n == 0 || !t.open && start.After(t.Spans[n-1].Start) {
		t.Spans = append(t.Spans, Span{*start, *start})
	}
	t.open = v.Completed == nil
	if s := &t.Spans[len(t.Spans)-1]; !t.open && v.Completed.After(s.End) {
		s.End = *v.Completed
	}
}

// Build gives what the events came to so far.
func (r *Recorder) Build() *Build {
	b := &Build{Warnings: r.warnings, Text: r.text, Cut: r.cut}
	for _, t := range r.vertices {
		v := t.Vertex
		v.Spans = slices.Clone(t.Spans)
		v.State = t.state()
		if n := len(v.Spans); t.open && r.last.After(v.Spans[n-1].End) {
			v.Spans[n-1].End = r.last
		}
		for _, n := range t.received {
			v.Received += n
		}
		b.Vertices = append(b.Vertices, &v)
	}
	slices.SortStableFunc(b.Vertices, byStart)
	for _, v := range b.Vertices {
		if len(v.Spans) == 0 {
			continue
		}
		if b.Start.IsZero() {
			b.Start = v.Start()
		}
		if v.End().After(b.End) {
			b.End = v.End()
		}
	}
	return b
}

func byStart(a, b *Vertex) int {
	switch aStarted, bStarted := len(a.Spans) > 0, len(b.Spans) > 0; {
	case aStarted && bStarted:
		return cmp.Or(a.Start().Compare(b.Start()), a.End().Compare(b.End()), strings.Compare(a.Name, b.Name))
	case aStarted:
		return -1
	case bStarted:
		return 1
	default:
		return 0
	}
}

func (t *track) state() State {
	switch {
	case strings.HasSuffix(t.Error, context.Canceled.Error()):
		return Canceled
	case t.Error != "":
		return Failed
	case len(t.Spans) == 0:
		return Pending
	case t.open:
		return Running
	case t.cached:
		return Cached
	default:
		return Executed
	}
}
