package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// took are samples of xbuild with times in seconds, in which the named steps ran.
func took(ran string, seconds ...float64) (samples []*sample) {
	for _, s := range seconds {
		got := &sample{took: time.Duration(s * float64(time.Second))}
		if ran != "" {
			got.steps = []step{{name: ran, end: got.took, received: 2e6}}
		}
		samples = append(samples, got)
	}
	return samples
}

func TestReport(t *testing.T) {
	p := &program{name: app, size: 7, mains: []string{"./cmd/shop"}}
	rows := []*row{
		{program: p, scenario: scenario{name: "edit", state: warm, goals: []goal{atMost(1, dockerfile), atMost(1.3, goBuild)}},
			samples: map[string][]*sample{xbuild: took("[shop linux/amd64] compile", 9, 2, 1), dockerfile: took("", 3, 3, 3), goBuild: took("", 1)}},
		{program: p, scenario: scenario{name: "test", state: fresh, goals: []goal{faster(50, dockerfile)},
			steps: []stepRule{noneRan(`\] compile$`, "no compile")}},
			samples: map[string][]*sample{xbuild: took("[source] scan", 2), dockerfile: took("", 150), goBuild: took("", 1)}},
		{program: p, scenario: scenario{name: "docs", state: fresh, goals: []goal{faster(50, dockerfile).in("test")}},
			samples: map[string][]*sample{xbuild: took("", 4), dockerfile: took("", 0.5)}},
		{program: p, scenario: scenario{name: "nothing", state: warm, goals: []goal{atMostMore(500*time.Millisecond, dockerfile)}},
			samples: map[string][]*sample{xbuild: took("", 1), dockerfile: took("", 0.75)}},
		{program: p, scenario: scenario{name: "fleet", state: fresh, goals: []goal{atMost(3, xbuild).in("one")}},
			samples: map[string][]*sample{xbuild: took("", 1)}},
		{program: p, scenario: scenario{name: "cache export", state: export},
			samples: map[string][]*sample{xbuild: {{took: time.Second, cache: []blob{{"a", 1e6}, {"b", 3e6}, {"a", 1e6}}}}}},
	}
	lines := strings.Split(report(rows), "\n")
	for _, want := range []string{
		"| edit | 2.00 (3) | 3.00 (3) | – | – | 1.00 (1) | 0.67 ×<br>2.00 × | ≤ 1.00 × Dockerfile<br>≤ 1.30 × go build | yes<br>**no** |",
		"| test | 2.00 (1) | 150.00 (1)¹ | – | – | – | 75.0 × faster<br>steps | ≥ 50 × faster than Dockerfile<br>no compile | yes<br>yes |",
		"| docs | 4.00 (1) | 0.50 (1) | – | – | – | 37.5 × faster | ≥ 50 × faster than Dockerfile in “test” | **no** |",
		"| nothing | 1.00 (1) | 0.75 (1) | – | – | – | +0.2 s | ≤ Dockerfile + 0.5 s | yes |",
		"| fleet | 1.00 (1) | – | – | – | – | – | ≤ 3.00 × xbuild in “one” | not measured |",
		"| xbuild | 1.00 | 5.00 | 3 | 1 | 3.00, 1.00, 1.00 |",
		"| test | 0 | `[source] scan` |",
		"| docs | 0 | none |",
		"edit: 2.00 s", // it missed a target
		"   0.00  2.00         2.00    [shop linux/amd64] compile",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
	if slices.Contains(lines, "test: 2.00 s") {
		t.Error("a row that met its targets is explained")
	}
}

func TestOnlyAffected(t *testing.T) {
	p := &program{uses: []string{"cart", "shop"}}
	cart, shop := []string{"[cart linux/amd64] compile", "[cart linux/arm64] compile"}, []string{"[shop linux/amd64] compile", "[shop linux/arm64] compile"}
	for _, c := range []struct {
		name string
		ran  []string
		want bool
	}{
		{"those and other steps", slices.Concat(cart, shop, []string{"[source] scan"}), true},
		{"one is missing", cart, false},
		{"one too many", slices.Concat(cart, shop, []string{"[tax linux/amd64] compile"}), false},
		{"dependencies", slices.Concat(cart, []string{"[deps linux/amd64] compile"}, shop), false},
	} {
		if got := onlyAffected().holds(p, c.ran); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
