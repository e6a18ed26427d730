package page

import (
	"fmt"
	"strings"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

// Marks of the README's block.
const (
	begin = "<!-- performance -->\n"
	end   = "<!-- /performance -->\n"
)

// README is the text with the block that the results give. It fails when the text has no block.
func (s Site) README(text []byte) ([]byte, error) {
	before, rest, ok1 := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("there is no block from %q to %q", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return []byte(before + begin + s.block() + end + after), nil
}

// block are the rows of the headline that have both figures.
func (s Site) block() string {
	rows := [][]string{{"", lab.XBuild, lab.Dockerfile, "ratio"}}
	for _, t := range s.tables() {
		if t.Experiment.Suite != s.Headline.Suite || t.Experiment.Name != s.Headline.Name {
			continue
		}
		for _, name := range s.Headline.Rows {
			for _, r := range t.Experiment.Rows {
				if r.Name == name {
					rows = append(rows, t.headline(r.Name, r.Unit)...)
				}
			}
		}
	}
	if len(rows) == 1 {
		return "[docs/performance.md](docs/performance.md) says what `make bench` measures, and beside what.\n"
	}
	w := &writer{}
	w.line("Measured side by side with a Dockerfile that has cache mounts, the binaries compared bit for bit; over 1 × xbuild is faster. **fresh** is a new machine that " +
		"imports the registry cache, **warm** one that has built the program before:")
	w.rows(rows)
	w.line("[docs/performance.md](docs/performance.md) has all that was measured, and where xbuild is not the fastest; `make bench` measures it here.")
	return w.String()
}

// headline is a row of the README, none when a figure is missing.
func (t table) headline(row, unit string) [][]string {
	own, other := t.Row(row).Cell(lab.XBuild), t.Row(row).Cell(lab.Dockerfile)
	a, ok1 := own.Number()
	b, ok2 := other.Number()
	ratio, ok3 := suite.Divide(b, a)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	return [][]string{{escape(row), shown(own, unit), shown(other, unit), factor(ratio)}}
}
