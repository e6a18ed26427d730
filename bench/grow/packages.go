package grow

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// scanColumn is the time that one step of xbuild's takes, of the build in its column.
const scanColumn = "xbuild, scan alone"

const manyPackages = `A generated module of one program and so many other packages of some lines each, in layers: each imports up to four of the next
layer, and the program has all of them. It is built for linux/amd64, on a machine that has built it before. `

func packagesEdited() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "packages-edit", Title: "An edit of one package of many",
		About: manyPackages + "The edited file is of a package that imports no other of the module. **" + scanColumn +
			"** is the step of xbuild's build that reads the source and finds out what each binary is made of.",
		Columns: slices.Insert(all(), 1, scanColumn), Setup: 2 * time.Minute, Compare: compared(), Plot: lines("packages"),
		Rows: rows(packageCounts(), whyScan, func(n int) suite.Start {
			return withScan(suite.BuildsOf(onePlatform(n), lab.Warm, edit(packageFile(n-1))))
		}),
	}
}

func packagesSame() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "packages-same", Title: "Nothing changed of many packages",
		About:   manyPackages + "Nothing is changed.",
		Columns: all(), Compare: compared(), Plot: lines("packages"),
		Rows: rows(packageCounts(), whyScan, func(n int) suite.Start { return suite.BuildsOf(onePlatform(n), lab.Warm, lab.Nothing) }),
	}
}

func packageCounts() []count {
	return []count{{n: 10, run: 2 * time.Second}, {n: 100, run: 2 * time.Second}, {n: 1000, run: 3 * time.Second, once: true}, {n: 5000, run: 9 * time.Second, once: true}}
}

func onePlatform(n int) suite.Load { return forFirst(1, generated("packages", n, tree)) }

// withScan adds the column of the scan, which comes after xbuild's.
func withScan(start suite.Start) suite.Start {
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		measure, err := start(ctx, l, run)
		if err != nil {
			return nil, err
		}
		var steps []result.Step
		return func(ctx context.Context, column string) (suite.Measured, error) {
			if column == scanColumn {
				took, err := scanTime(steps)
				return suite.Measured{Value: result.Value{Number: took.Seconds()}}, err
			}
			m, err := measure(ctx, column)
			if column == lab.XBuild {
				steps = m.Steps
			}
			return m, err
		}, nil
	}
}

// scanTime is how long the scan ran. It fails when it did not.
func scanTime(steps []result.Step) (time.Duration, error) {
	i := slices.IndexFunc(steps, func(s result.Step) bool { return s.Name == "[source] scan" && !s.Cached })
	if i < 0 {
		return 0, errors.New("xbuild's build had no scan")
	}
	return steps[i].End - steps[i].Start, nil
}
