package grow

import (
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const manyBinaries = `A generated module of so many commands, each with a package of its own; all share three packages. All are built for linux/amd64
and linux/arm64, xbuild's into an image of all of them, the Dockerfile's by one ` + "`go build`" + `, which links all of them each time; so does the go build
of the last column, whose output folder is empty. The machine has built it before the edit. `

func oneOfMany() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "binaries-one", Title: "An edit of one main package of many",
		About:   manyBinaries + "The edited file is of one main package.",
		Columns: all(), Setup: 100 * time.Second, Compare: compared(), Plot: lines("binaries"),
		Rows: rows([]count{
			{n: 1, run: 2 * time.Second}, {n: 5, run: 3 * time.Second}, {n: 10, run: 4 * time.Second}, {n: 20, run: 6 * time.Second, once: true}, {n: 50, run: 13 * time.Second, once: true},
		}, whySteps, func(n int) suite.Start {
			return suite.BuildsOf(generated("binaries", n, commands), lab.Warm, edit(oneMain))
		}),
	}
}

func sharedByAll() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "binaries-all", Title: "An edit of a package that all binaries share",
		About:   manyBinaries + "The edited file is in all of them.",
		Columns: all(), Compare: compared(), Plot: lines("binaries"),
		Rows: rows([]count{
			{n: 1, run: 2 * time.Second}, {n: 5, run: 4 * time.Second}, {n: 10, run: 7 * time.Second}, {n: 20, run: 13 * time.Second, once: true}, {n: 50, run: 30 * time.Second, once: true},
		}, whyBinaries, func(n int) suite.Start {
			return suite.BuildsOf(generated("binaries", n, commands), lab.Warm, edit(shared))
		}),
	}
}
