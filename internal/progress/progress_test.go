package progress_test

import (
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/internal/progress"
	"github.com/google/go-cmp/cmp"
)

// events are of a build that began at 12:00:00: one step is called cached before its layer is
// pulled, one fails, one is canceled for it, one still runs and one never started.
const events = `{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:01Z","completed":"2026-01-01T12:00:01Z","cached":true}]}
WARNING: not of the protocol
{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:02Z"}]}
{"statuses":[{"id":"sha256:1","vertex":"a","current":10,"total":30,"timestamp":"2026-01-01T12:00:02Z"},{"id":"extracting sha256:1","vertex":"a","current":7,"timestamp":"2026-01-01T12:00:02Z"}]}
{"statuses":[{"id":"sha256:1","vertex":"a","current":30,"total":30,"timestamp":"2026-01-01T12:00:03Z"},{"id":"sha256:2","vertex":"a","current":5,"total":5,"timestamp":"2026-01-01T12:00:03Z"}]}
{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:02Z","completed":"2026-01-01T12:00:04Z"}]}
{"vertexes":[{"digest":"f","inputs":["a"],"name":"never started"}]}
{"vertexes":[{"digest":"b","name":"[shop linux/amd64] compile","started":"2026-01-01T12:00:04Z"}],"logs":[{"vertex":"b","data":"c2FpZAo=","timestamp":"2026-01-01T12:00:04Z"}]}
{"vertexes":[{"digest":"b","name":"[shop linux/amd64] compile","started":"2026-01-01T12:00:04Z","completed":"2026-01-01T12:00:05Z"}]}
{"vertexes":[{"digest":"d","name":"[shop linux/amd64] copy","started":"2026-01-01T12:00:05Z","completed":"2026-01-01T12:00:05Z","error":"no space"}]}
{"vertexes":[{"digest":"e","name":"[shop linux/arm64] copy","started":"2026-01-01T12:00:05Z","completed":"2026-01-01T12:00:06Z","error":"process: context canceled"}]}
{"vertexes":[{"digest":"g","name":"runs","started":"2026-01-01T12:00:05Z"}]}
{"vertexes":[null],"statuses":[null],"logs":[null],"warnings":[null,{"vertex":"b","short":"aGk="}]}
ERROR: failed to build
`

// got is what the tests compare of a vertex. Times are seconds after 12:00:00.
type got struct {
	Name, Error, Log string
	State            progress.State
	Spans            [][2]float64
	Received         int64
}

func compared(b *progress.Build) (out []got) {
	at := func(t time.Time) float64 { return t.Sub(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)).Seconds() }
	for _, v := range b.Vertices {
		g := got{Name: v.Name, Error: v.Error, Log: string(v.Log), State: v.State, Received: v.Received}
		for _, s := range v.Spans {
			g.Spans = append(g.Spans, [2]float64{at(s.Start), at(s.End)})
		}
		out = append(out, g)
	}
	return out
}

func TestRead(t *testing.T) {
	b, err := progress.Read(strings.NewReader(events))
	if err != nil {
		t.Fatal(err)
	}
	want := []got{
		{Name: "[deps linux/amd64] compile", State: progress.Cached, Spans: [][2]float64{{1, 1}, {2, 4}}, Received: 35},
		{Name: "[shop linux/amd64] compile", State: progress.Executed, Spans: [][2]float64{{4, 5}}, Log: "said\n"},
		{Name: "[shop linux/amd64] copy", State: progress.Failed, Spans: [][2]float64{{5, 5}}, Error: "no space"},
		{Name: "[shop linux/arm64] copy", State: progress.Canceled, Spans: [][2]float64{{5, 6}}, Error: "process: context canceled"},
		{Name: "runs", State: progress.Running, Spans: [][2]float64{{5, 6}}},
		{Name: "never started", State: progress.Pending},
	}
	if diff := cmp.Diff(want, compared(b)); diff != "" {
		t.Errorf("vertices (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"WARNING: not of the protocol", "ERROR: failed to build"}, b.Text); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	if len(b.Warnings) != 1 || b.Cut || b.End.Sub(b.Start) != 5*time.Second {
		t.Errorf("%d warnings, cut %t, took %v", len(b.Warnings), b.Cut, b.End.Sub(b.Start))
	}
}

func TestReadMistakes(t *testing.T) {
	for _, tt := range []struct{ name, in, err string }{
		{"empty", "", "no event"},
		{"plain progress", "#1 [internal] load build definition\n#1 DONE 0.0s\n", "no event"},
		{"other JSON", `{"containerimage.digest":"sha256:1"}` + "\n", "no event"},
		{"a broken line", strings.Replace(events, `{"statuses"`, `{"statuses`, 1), "line 4 is no event"},
		{"a line of another type", `{"vertexes":"x"}`, "line 1 is no event"},
		{"a time that is none", `{"vertexes":[{"digest":"a","started":"yesterday"}]}` + "\n", "line 1 is no event"},
	} {
		if _, err := progress.Read(strings.NewReader(tt.in)); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.err)
		}
	}
}

// TestCut holds that the progress of a build that was killed is read up to where it ends.
func TestCut(t *testing.T) {
	whole := strings.Split(events, "\n")
	first := strings.Join(whole[:3], "\n") + "\n"
	for n := 1; n < len(whole[3]); n++ {
		b, err := progress.Read(strings.NewReader(first + whole[3][:n]))
		if err != nil || !b.Cut || len(b.Vertices) != 1 {
			t.Fatalf("cut after %d bytes: %v", n, err)
		}
	}
	b, err := progress.Read(strings.NewReader(first))
	if err != nil || b.Cut || b.Vertices[0].State != progress.Running {
		t.Errorf("cut between lines: %+v, %v", b, err)
	}
}

// FuzzRead holds that no input breaks what the page relies on.
func FuzzRead(f *testing.F) {
	f.Add(events)
	f.Add(`{"vertexes":[{"completed":"2026-01-01T12:00:05Z"},{"started":"9999-01-01T12:00:05Z","completed":"0001-01-01T12:00:05Z"}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		b, err := progress.Read(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, v := range b.Vertices {
			if len(v.Spans) == 0 && (v.State == progress.Running || v.State == progress.Cached || v.State == progress.Executed) {
				t.Errorf("%+v ran at no time", v)
			}
			for i, s := range v.Spans {
				if s.End.Before(s.Start) || s.Start.Before(b.Start) || s.End.After(b.End) || i > 0 && s.Start.Before(v.Spans[i-1].Start) {
					t.Errorf("span %+v of %+v in %v to %v", s, v, b.Start, b.End)
				}
			}
		}
	})
}
