package suite

import (
	"slices"
	"testing"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
)

func TestWorse(t *testing.T) {
	table := func(x, d float64) *result.Table {
		return &result.Table{Rows: []*result.Row{row("edit", map[string][]float64{lab.XBuild: {x}, lab.Dockerfile: {d}})}}
	}
	e := Experiment{Suite: "s", Name: "e", Compare: Compare{Old: lab.Dockerfile, New: lab.XBuild}, Rows: []Row{{Name: "edit"}, {Name: "new"}}}
	was := table(10, 30)
	for _, tt := range []struct {
		now  *result.Table
		want []string
	}{
		{table(20, 60), nil}, // a slower machine
		{table(14, 30), nil},
		{table(15, 30), []string{"edit: Dockerfile takes 2.00 × what xbuild takes, it was 3.00 ×"}},
		{&result.Table{}, []string{"edit: not measured"}},
	} {
		got, err := Worse(e, was, tt.now)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("got %q, %v, want %q", got, err, tt.want)
		}
	}
	if _, err := Worse(e, &result.Table{}, was); err == nil {
		t.Error("nothing to compare with is no mistake")
	}
}
