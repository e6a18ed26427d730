package main

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/progress"
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
func (s step) service() bool { return progress.Service(s.name) }

// readProgress reads the output of "buildx build --progress=rawjson", which began at start, and
// gives the steps that completed, and as text what the client and they said.
func readProgress(in io.Reader, start time.Time) (steps []step, text string, err error) {
	b, err := progress.Read(in)
	if err != nil {
		return nil, "", err
	}
	said := strings.Join(append(b.Text, ""), "\n")
	for _, v := range b.Vertices {
		said += string(v.Log)
		if v.Error != "" {
			said += v.Name + ": " + v.Error + "\n"
		}
		if v.State == progress.Pending || v.State == progress.Running {
			continue
		}
		steps = append(steps, step{
			name: v.Name, start: v.Start().Sub(start), end: v.End().Sub(start), cached: v.State == progress.Cached, received: v.Received,
		})
	}
	return steps, said, nil
}
