package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"
)

// sample is one build that was timed.
type sample struct {
	took     time.Duration
	steps    []step            // by start; none of go build
	binaries map[string]string // SHA-256 in hexadecimal by platform and name: linux/amd64/shop
	cache    []blob            // exported
}

// step is a vertex of BuildKit's graph. Times count from the start of the build.
type step struct {
	name       string
	start, end time.Duration
	cached     bool
	received   int64 // bytes, from a registry or the client
}

// ran gives the names of the steps that were executed, without those that every build has, sorted.
func (s *sample) ran() []string {
	var names []string
	for _, st := range s.steps {
		if !st.cached && !st.service() {
			names = append(names, st.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// cached is how many steps were served from a cache, without those that every build has.
func (s *sample) cached() (n int) {
	for _, st := range s.steps {
		if st.cached && !st.service() {
			n++
		}
	}
	return n
}

// service reports whether BuildKit or the client do the step for every build.
func (s step) service() bool {
	for _, prefix := range []string{"[internal]", "[auth]", "resolve image config", "docker-image://", "importing cache", "exporting"} {
		if strings.HasPrefix(s.name, prefix) {
			return true
		}
	}
	return false
}

// event is a line of "buildx build --progress=rawjson".
type event struct {
	Vertexes []struct {
		Digest, Name       string
		Started, Completed *time.Time
		Cached             bool
		Error              string
	}
	Statuses []struct {
		ID, Vertex string
		Current    int64
	}
	Logs []struct{ Data []byte }
}

// progress is what the events of a build come to.
type progress struct {
	steps []step
	text  string // what steps and the client wrote
}

// readProgress reads the output of "buildx build --progress=rawjson", which began at start.
// A vertex that one event calls cached is cached: others don't say so, before its cache key is
// found and while its layers are pulled.
func readProgress(in io.Reader, start time.Time) (progress, error) {
	var p progress
	var text strings.Builder
	byDigest := map[string]*step{}
	received := map[string]map[string]int64{} // by vertex and blob
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if !bytes.HasPrefix(lines.Bytes(), []byte("{")) {
			text.WriteString(lines.Text() + "\n")
			continue
		}
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return p, err
		}
		for _, v := range e.Vertexes {
			if v.Completed == nil {
				continue
			}
			s := byDigest[v.Digest]
			if s == nil {
				s = &step{name: v.Name, start: v.Started.Sub(start)}
				byDigest[v.Digest] = s
			}
			s.end = max(s.end, v.Completed.Sub(start))
			s.cached = s.cached || v.Cached
			if v.Error != "" {
				text.WriteString(v.Name + ": " + v.Error + "\n")
			}
		}
		for _, st := range e.Statuses {
			if received[st.Vertex] == nil {
				received[st.Vertex] = map[string]int64{}
			}
			if strings.HasPrefix(st.ID, "sha256:") || strings.HasPrefix(st.ID, "transferring") {
				received[st.Vertex][st.ID] = max(received[st.Vertex][st.ID], st.Current)
			}
		}
		for _, l := range e.Logs {
			text.Write(l.Data)
		}
	}
	for digest, s := range byDigest {
		for _, n := range received[digest] {
			s.received += n
		}
		p.steps = append(p.steps, *s)
	}
	slices.SortFunc(p.steps, func(a, b step) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), strings.Compare(a.name, b.name))
	})
	p.text = text.String()
	return p, lines.Err()
}
