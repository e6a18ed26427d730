// Package quick is the least that shows whether xbuild's builds have become slower: a few minutes of what suite cache measures,
// with a smaller program.
package quick

import (
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

// Suite is the name of the suite.
const Suite = "quick"

// Experiments is one table.
func Experiments() []suite.Experiment {
	return []suite.Experiment{{
		Suite: Suite, Name: "web", Title: "A small program, with caches in the states that matter most",
		About: "The program is [bench/apps/web](../bench/apps/web), for linux/amd64 and linux/arm64. `make bench-quick` measures this table again and\n" +
			"fails where a ratio has lost a third.",
		Columns: []string{lab.XBuild, lab.Dockerfile},
		Compare: suite.Compare{Old: lab.Dockerfile, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "cold", Once: true, Estimate: 90 * time.Second, Start: suite.Builds(lab.Web, lab.Cold, lab.Nothing)},
			{Name: "one file edited, warm", Estimate: 8 * time.Second, Start: suite.Builds(lab.Web, lab.Warm, lab.EditSource)},
			{Name: "one file edited, fresh", Once: true, Estimate: 50 * time.Second, Start: suite.Builds(lab.Web, lab.Fresh, lab.EditSource)},
		},
	}}
}
