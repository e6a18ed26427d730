// Package grow measures how builds grow: with platforms, binaries, packages and builds at the same time, and what memory and
// traffic they take.
package grow

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const name = "grow"

// Experiments are in the order in which they use what earlier ones left warm.
func Experiments() []suite.Experiment {
	p := &pipelines{}
	return []suite.Experiment{
		targets(), oneOfMany(), sharedByAll(), packagesEdited(), packagesSame(), atOnce(), peaks(p), transfers(p),
	}
}

// count is a row of a plot of lines: how many there are of something, and how long a run of all columns takes. The
// large ones are run once, as that takes the most time.
type count struct {
	n    int
	run  time.Duration
	once bool
}

// rows have a Start each, of their number, and the same Why.
func rows(counts []count, why string, start func(n int) suite.Start) (rows []suite.Row) {
	for _, c := range counts {
		rows = append(rows, suite.Row{Name: strconv.Itoa(c.n), Estimate: c.run, Once: c.once, Start: start(c.n), Why: why})
	}
	return rows
}

// generated loads what make gives for a number. Programs of different names are different to all contestants.
func generated(name string, n int, make func(n int) map[string]string) suite.Load {
	return func(ctx context.Context, l *lab.Lab) (*lab.Program, error) {
		return l.Generated(ctx, fmt.Sprint(name, n), func() map[string]string { return make(n) })
	}
}

// edit is [lab.EditSource] of a file.
func edit(file string) lab.Changer {
	return func(ctx context.Context, p *lab.Program, run int) (lab.Change, error) {
		p.Source = file
		return lab.EditSource(ctx, p, run)
	}
}

// all are those that make the same, and go build, which has no image to make.
func all() []string { return []string{lab.XBuild, lab.Dockerfile, lab.GoBuild} }

func images() []string { return []string{lab.XBuild, lab.Dockerfile} }

func compared() suite.Compare { return suite.Compare{Old: lab.Dockerfile, New: lab.XBuild} }

func lines(x string) suite.Plot { return suite.Plot{Kind: suite.Lines, X: x} }
