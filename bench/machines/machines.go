// Package machines measures builds that are spread over several daemons.
package machines

import (
	"context"
	"fmt"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

// Columns of the node that joins late.
const (
	alone  = "joined, no cache"
	joined = "joined, registry cache"
	warm   = "was there"
)

// Experiments are two: what a spread costs, and what a node has to do that joins late.
func Experiments() []suite.Experiment {
	return []suite.Experiment{spread(), late()}
}

func spread() suite.Experiment {
	return suite.Experiment{
		Suite: "machines", Name: "spread", Title: "Two platforms, on one daemon and on one daemon each",
		About: `The program is [bench/apps/tiny](../bench/apps/tiny). The same spec is built by a builder of one daemon, and by one of two, made with
` + "`docker buildx create --append`" + `: buildx asks each for its own platform, and puts the images together in the registry. Both daemons run on this
machine, each with processes, mounts and caches of its own, so they share its cores, and no speed-up is to be expected: these are the costs of the spread,
of which the steps that both nodes run (frontend, scan, the toolchain's pruning) are most. The binaries are the same, bit for bit.`,
		Columns: []string{lab.XBuild, lab.Spread},
		Compare: suite.Compare{Old: lab.XBuild, New: lab.Spread},
		Rows: []suite.Row{
			{Name: "cold", Estimate: 40 * time.Second, Start: suite.Builds(lab.Tiny, lab.Cold, lab.Nothing), Why: why},
			{Name: "one file edited, warm", Estimate: 6 * time.Second, Start: suite.Builds(lab.Tiny, lab.Warm, lab.EditSource), Why: why},
		},
	}
}

const why = "All daemons share the cores of one machine here, and each runs the frontend, the scan and the pruning of the toolchain itself."

func late() suite.Experiment {
	return suite.Experiment{
		Suite: "machines", Name: "late", Title: "A node that joins a fleet late",
		About: `An edit of the same program for linux/arm64. The fleet has two daemons, which have built the program before the edit. A third one, which has pulled and built
nothing, is appended to the builder and has the platform from then on. It builds the edit without a cache, or imports what the fleet exported to the
registry; beside it, the node that had the platform before.`,
		Columns: []string{alone, joined, warm},
		Compare: suite.Compare{Old: alone, New: joined},
		Setup:   time.Minute,
		Rows: []suite.Row{{Name: "one file edited", Estimate: 25 * time.Second, Judged: joined, Start: lateEdit,
			Goals: []suite.Goal{suite.Faster(2, alone)}}},
	}
}

func lateEdit(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
	p, err := l.Program(ctx, lab.TinyLast)
	if err != nil {
		return nil, err
	}
	ch, err := lab.EditSource(ctx, p, run)
	if err != nil {
		return nil, err
	}
	states := map[string]lab.State{alone: lab.Alone, joined: lab.Joined, warm: lab.Warm}
	return func(ctx context.Context, column string) (m suite.Measured, err error) {
		state, ok := states[column]
		if !ok {
			return m, fmt.Errorf("no node is named %q", column)
		}
		s, err := l.Sample(ctx, state, lab.Spread, p, ch)
		if err != nil {
			return m, err
		}
		m = suite.Measured{Value: s.Value(), Binaries: s.Binaries}
		if column == joined {
			m.Checks = append(m.Checks, suite.NoneRan(`^\[(std|deps) `, "no std, no deps").Check(p, s))
		}
		return m, nil
	}, nil
}
