package lab

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/bench/result"
)

// events are of a build that began at 12:00:00: one step is called cached before its layer is pulled, one fails.
const events = `{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:01Z","completed":"2026-01-01T12:00:01Z","cached":true}]}
WARNING: not of the protocol
{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:02Z"}]}
{"statuses":[{"id":"sha256:1","vertex":"a","current":10,"total":30},{"id":"extracting sha256:1","vertex":"a","current":0}]}
{"statuses":[{"id":"sha256:1","vertex":"a","current":30,"total":30},{"id":"sha256:2","vertex":"a","current":5,"total":5}]}
{"vertexes":[{"digest":"a","name":"[deps linux/amd64] compile","started":"2026-01-01T12:00:02Z","completed":"2026-01-01T12:00:04Z"}]}
{"vertexes":[{"digest":"c","name":"[internal] load build context","started":"2026-01-01T12:00:00Z","completed":"2026-01-01T12:00:00.5Z"}]}
{"vertexes":[{"digest":"b","name":"[shop linux/amd64] compile","started":"2026-01-01T12:00:04Z","completed":"2026-01-01T12:00:05Z"}],"logs":[{"vertex":"b","data":"c2FpZAo="}]}
{"vertexes":[{"digest":"d","name":"[shop linux/amd64] copy","started":"2026-01-01T12:00:05Z","completed":"2026-01-01T12:00:05Z","error":"no space"}]}
{"vertexes":[{"digest":"e","name":"never completed","started":"2026-01-01T12:00:05Z"}]}
`

func TestReadProgress(t *testing.T) {
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	steps, text, err := readProgress(strings.NewReader(events), start)
	if err != nil {
		t.Fatal(err)
	}
	want := []result.Step{
		{Name: "[internal] load build context", End: time.Second / 2},
		{Name: "[deps linux/amd64] compile", Start: time.Second, End: 4 * time.Second, Cached: true, Received: 35},
		{Name: "[shop linux/amd64] compile", Start: 4 * time.Second, End: 5 * time.Second},
		{Name: "[shop linux/amd64] copy", Start: 5 * time.Second, End: 5 * time.Second},
	}
	if !slices.Equal(steps, want) {
		t.Errorf("steps\n%v\nwant\n%v", steps, want)
	}
	if want := "WARNING: not of the protocol\nsaid\n[shop linux/amd64] copy: no space\n"; text != want {
		t.Errorf("text %q, want %q", text, want)
	}
	if got, want := Ran(steps), []string{"[shop linux/amd64] compile", "[shop linux/amd64] copy"}; !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
}
