package plot

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/acme/xbuild/internal/golden"
)

// crowded has a column of each colour, close to each other, over groups that are far apart.
func crowded() *Plot {
	p := &Plot{Title: "A title that is so long that it does not fit into one line of the picture", Note: "seconds; less is better", X: "packages", Log: true}
	for i, name := range []string{"xbuild", "Dockerfile", "Dockerfile, listed", "Dockerfile, no mounts", "gen dockerfile", "go build", "a name that is longer than there is room for", "h"} {
		p.Columns = append(p.Columns, Column{name, i})
	}
	for _, x := range []string{"1000", "1", "10 packages", "9", "not a number"} {
		g := Group{Name: x}
		for i := range p.Columns {
			n := float64(len(x)) + float64(i)/8
			g.Values = append(g.Values, Value{true, n, n * .9, n * 1.2, fmt.Sprintf("%.2f s", n)})
		}
		p.Groups = append(p.Groups, g)
	}
	p.Groups[2].Values[0] = Value{Label: "does not start, and says so in more words than fit"}
	p.Groups[2].Values[1] = Value{}
	return p
}

func TestGolden(t *testing.T) {
	golden.Equal(t, "testdata/lines.svg", Lines(crowded()))
	golden.Equal(t, "testdata/bars.svg", Bars(crowded()))
	linear := crowded()
	linear.Log = false
	linear.Groups[0].Values[3] = Value{true, -1, -1.5, -1, "-1.00 s"}
	golden.Equal(t, "testdata/linear-bars.svg", Bars(linear))
	golden.Equal(t, "testdata/linear-lines.svg", Lines(linear))
}

// TestNothing holds that figures may be missing, all the same, or 0.
func TestNothing(t *testing.T) {
	one := func(v Value) *Plot {
		return &Plot{Columns: []Column{{"a", -1}}, Groups: []Group{{"1", []Value{v}}}}
	}
	for _, p := range []*Plot{{}, one(Value{}), one(Value{Label: "no"}), one(Value{Has: true, Label: "0"}), one(Value{true, -2, -2, -2, "-2"}), one(Value{true, 1e-9, 1e-9, 1e12, "1"})} {
		for _, p.Log = range []bool{true, false} {
			for _, data := range [][]byte{Bars(p), Lines(p)} {
				if bad := regexp.MustCompile(`NaN|Inf|!\(`).Find(data); bad != nil {
					t.Errorf("%+v gives %s:\n%s", p, bad, data)
				}
			}
		}
	}
}

func TestTicks(t *testing.T) {
	for _, tt := range []struct {
		numbers []float64
		log     bool
		want    string
	}{
		{[]float64{0.21, 239}, true, "[0.1 1 10 100]"},
		{[]float64{3, 40}, true, "[1 2 5 10 20]"},
		{[]float64{1, 1e12}, true, "[0.1 100 100000 1e+08 1e+11]"},
		{[]float64{0, 0}, true, "[1 2 5 10]"},
		{[]float64{5, 25}, false, "[0 5 10 15 20 25]"},
		{[]float64{0.31}, false, "[0 0.1 0.2 0.3]"},
		{[]float64{-1, 3}, false, "[-1 0 1 2 3]"},
		{nil, false, "[0 0.2 0.4 0.6 0.8 1]"},
	} {
		var got []string
		for _, n := range newAxis(tt.numbers, tt.log, 0, 100).ticks() {
			got = append(got, round(n))
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%v: %s, want %s", tt.numbers, got, tt.want)
		}
	}
}
