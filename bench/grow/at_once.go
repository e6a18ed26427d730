package grow

import (
	"context"
	"fmt"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

func atOnce() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "at-once", Title: "Builds at the same time on one daemon",
		About: `So many builds of a generated program of six packages, for linux/amd64 and linux/arm64, begin at the same time on one machine, which has built the
program before: on one BuildKit they share one cache mount. Each build has an edit of its own of a package that the program imports. The time is
from the start of the first to the end of the last; all binaries are the same as those of go build, which has one build cache for all.`,
		Columns: all(), Setup: 20 * time.Second, Compare: compared(), Plot: lines("builds at the same time"),
		Rows: rows([]count{
			{n: 1, run: 2 * time.Second}, {n: 2, run: 3 * time.Second}, {n: 4, run: 6 * time.Second}, {n: 8, run: 11 * time.Second, once: true}, {n: 16, run: 20 * time.Second, once: true},
		}, whySteps, together),
	}
}

// together builds n copies of a program, each with a change of its own.
func together(n int) suite.Start {
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		var programs []*lab.Program
		var changes []lab.Change
		for i := range n {
			p, err := generated("copy", i, func(int) map[string]string { return commands(1) })(ctx, l)
			if err != nil {
				return nil, err
			}
			programs = append(programs, p)
			changes = append(changes, change(n, run, i))
		}
		return func(ctx context.Context, column string) (suite.Measured, error) {
			s, err := l.Together(ctx, column, programs, changes)
			if err != nil {
				return suite.Measured{}, err
			}
			return suite.Measured{Value: s.Value(), Binaries: s.Binaries}, nil
		}, nil
	}
}

// change is one that no other copy, run or row has.
func change(n, run, i int) lab.Change {
	text := fmt.Sprintf("\nvar benchEdit string\n\nfunc init() { benchEdit = \"%d of %d at once, run %d\" }\n", i, n, run)
	return lab.Change{Files: map[string]string{shared: commands(1)[shared] + text}}
}
