package report

import (
	"slices"
	"time"

	"github.com/acme/xbuild/internal/progress"
	"github.com/opencontainers/go-digest"
)

// leg is a part of the critical path: a span of a vertex.
type leg struct {
	vertex *progress.Vertex
	span   progress.Span
}

// slack is how much later than what it waited for a vertex may seem to have started.
const slack = 5 * time.Millisecond

// criticalPath is what the end of the build waited for, from the first to the last: of each
// vertex the input that was the last to be there, else what ended last before it.
func criticalPath(b *progress.Build) []leg {
	byDigest := map[digest.Digest][]leg{}
	var all []leg
	var last *leg
	for _, v := range b.Vertices {
		for _, s := range v.Spans {
			l := leg{v, s}
			byDigest[v.Digest] = append(byDigest[v.Digest], l)
			all = append(all, l)
			if last == nil || l.span.End.After(last.span.End) {
				last = &l
			}
		}
	}
	seen := map[leg]bool{}
	var path []leg
	for last != nil {
		path = append(path, *last)
		seen[*last] = true
		var inputs []leg
		for _, d := range last.vertex.Inputs {
			inputs = append(inputs, byDigest[d]...)
		}
		before := latest(inputs, last.span.Start, seen)
		if before == nil {
			before = latest(all, last.span.Start, seen)
		}
		last = before
	}
	slices.Reverse(path)
	return path
}

// latest is the leg that ends last of those that end by t.
func latest(legs []leg, t time.Time, seen map[leg]bool) (out *leg) {
	for _, l := range legs {
		if l.span.End.After(t.Add(slack)) || seen[l] || l.span.Start.After(t) {
			continue
		}
		if out == nil || l.span.End.After(out.span.End) {
			out = &l
		}
	}
	return out
}

// share is a line of the table of the critical path.
type share struct {
	Name    string
	Took    string
	Percent float64
}

// shares gives what of the build's time each vertex of the path took, the others, and the time
// between them.
func shares(b *progress.Build, path []leg) (out []share) {
	whole := b.End.Sub(b.Start)
	var rest, waited time.Duration
	at := b.Start
	for _, l := range path {
		if l.span.Start.After(at) {
			waited += l.span.Start.Sub(at)
			at = l.span.Start
		}
		took := l.span.End.Sub(at)
		if took <= 0 {
			continue
		}
		at = l.span.End
		if percent(took, whole) < 1 {
			rest += took
			continue
		}
		out = append(out, share{Short(l.vertex.Name), seconds(took), percent(took, whole)})
	}
	for _, s := range []struct {
		name string
		took time.Duration
	}{{"steps of less than 1 % each", rest}, {"between the steps", waited}} {
		if s.took >= time.Millisecond {
			out = append(out, share{s.name, seconds(s.took), percent(s.took, whole)})
		}
	}
	return out
}

// total is what the steps of a stage, or for a platform, come to.
type total struct {
	Name             string
	Executed, Cached int
	Others           int // failed, canceled, still running
	Took             string
	Received         string
}

// totals adds up rows by a part of their places, in the order of the first of each. What
// BuildKit and the client do for every build is left out.
func totals(rows []*row, by func(place) string) (out []total) {
	type sum struct {
		total
		took     time.Duration
		received int64
	}
	var sums []*sum
	for _, r := range rows {
		if r.place.service {
			continue
		}
		name := by(r.place)
		i := slices.IndexFunc(sums, func(s *sum) bool { return s.Name == name })
		if i < 0 {
			i = len(sums)
			sums = append(sums, &sum{total: total{Name: name}})
		}
		s := sums[i]
		s.took += r.vertex.Took()
		s.received += r.vertex.Received
		switch r.vertex.State {
		case progress.Executed:
			s.Executed++
		case progress.Cached:
			s.Cached++
		default:
			s.Others++
		}
	}
	for _, s := range sums {
		s.Took, s.Received = seconds(s.took), size(s.received)
		out = append(out, s.total)
	}
	return out
}
