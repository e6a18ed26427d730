package guide

import (
	"context"
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// matrix is a build for each binary.
const matrix = "Dockerfile, a matrix"

// changed is exercise 6.
func changed() suite.Experiment {
	five := testdata("five")
	return suite.Experiment{
		Suite: "guide", Name: "changed", Title: "6. Build only what changed",
		About: `A module of five binaries, [testdata/five](guide/testdata/five), and a push that changes something: how many steps compiled or linked a
binary, by BuildKit's own account. **A matrix** is a build of its own for each binary, by a daemon that knows nothing when the push comes. xbuild is one build by such a
daemon, which imports what an earlier one exported to the registry. The edited file is in a package of two of the binaries.`,
		Columns: []string{matrix, lab.XBuild},
		Setup:   12 * time.Second,
		Compare: suite.Compare{Old: matrix, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "docs only", Unit: "builds", Once: true, Estimate: 12 * time.Second, Start: pushed(five, lab.EditDocs, "nothing compiled", none), Guide: &suite.Guide{Text: "5 → 0"}},
			{Name: "one file", Unit: "builds", Once: true, Estimate: 12 * time.Second, Start: pushed(five, lab.EditSource, "only its binaries compiled", users), Guide: &suite.Guide{Text: "5 → 5", Ratio: 1}},
		},
	}
}

func none(*lab.Program) []string { return nil }

func users(p *lab.Program) []string { return p.Uses }

// pushed has xbuild checked: the binaries that were built are those that want gives.
func pushed(load program, change lab.Changer, rule string, want func(*lab.Program) []string) suite.Start {
	return suite.Changed(load, change, func(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (m suite.Measured, err error) {
		if column == matrix {
			n, err := jobs(ctx, l, p, ch)
			return number(float64(n)), err
		}
		s, err := l.Sample(ctx, lab.Fresh, column, p, ch)
		if err != nil {
			return m, err
		}
		m = number(float64(builds(s.Steps)))
		m.Steps, m.Checks = s.Steps, []result.Check{{Text: rule, Held: slices.Equal(compiled(s.Steps), want(p))}}
		return m, nil
	})
}

// compiled are the names of the binaries that xbuild compiled, sorted.
func compiled(steps []result.Step) (names []string) {
	binary := regexp.MustCompile(`^\[(\S+) .*\] (?:compile|link)$`)
	for _, name := range lab.Ran(steps) {
		if step := binary.FindStringSubmatch(name); step != nil && step[1] != "std" && step[1] != "deps" {
			names = append(names, step[1])
		}
	}
	return slices.Compact(names)
}

// jobs builds each binary of the changed program by itself, and counts what was built.
func jobs(ctx context.Context, l *lab.Lab, p *lab.Program, ch lab.Change) (n int, err error) {
	dir, err := copied(l, p, ch)
	if err != nil {
		return 0, err
	}
	d, err := l.NewDaemon(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	for _, main := range p.Mains {
		args := append([]string{"--platform", host, "--build-arg", "MAIN=" + main, "--file", filepath.Join(dir, "matrix.Dockerfile")}, l.Push("bench/guide/"+path.Base(main))...)
		s, err := d.Build(ctx, append(args, dir)...)
		if err != nil {
			return 0, err
		}
		n += builds(s.Steps)
	}
	return n, nil
}
