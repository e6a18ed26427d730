package guide

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

const (
	goLevels     = "go build, v1 to v4"
	goLevel      = "go build, v1"
	xbuildLevels = "xbuild, v1 to v4 asked for"
)

// levels is exercise 7.
func levels() suite.Experiment {
	v := microarchitectures{testdata("levels")}
	four := &suite.Guide{Text: "4 binaries → 1", Ratio: 4}
	return suite.Experiment{
		Suite: "guide", Name: "levels", Title: "7. One build per architecture family",
		About: `A small program for linux/amd64, [testdata/levels](guide/testdata/levels), whose spec has a variant for each of v2, v3 and v4, after an
edit. xbuild builds a variant where a build asks for it by name, and only then: the last column asks for the platform.`,
		Columns: []string{goLevels, goLevel, xbuildLevels, lab.XBuild},
		Setup:   30 * time.Second,
		Compare: suite.Compare{Old: goLevels, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "binaries built", Unit: "builds", Once: true, Estimate: 8 * time.Second, Start: v.start(func(n int, _ int64) suite.Measured { return number(float64(n)) }), Guide: four},
			{Name: "size of all", Unit: "MB", Once: true, Estimate: 8 * time.Second, Start: v.start(func(_ int, size int64) suite.Measured { return megabytes(size) }), Guide: four},
		},
	}
}

// microarchitectures is a program with an image for each level of amd64.
type microarchitectures struct{ program }

func (v microarchitectures) start(value func(built int, size int64) suite.Measured) suite.Start {
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		p, err := v.program(ctx, l)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, column string) (m suite.Measured, err error) {
			ch, err := lab.EditSource(ctx, p, run) // for each column, since some share a machine
			if err != nil {
				return m, err
			}
			var built int
			var size int64
			switch column {
			case goLevels:
				built, size, err = goBuilds(ctx, l, p, ch, "v1", "v2", "v3", "v4")
			case goLevel:
				built, size, err = goBuilds(ctx, l, p, ch, "v1")
			case xbuildLevels:
				built, size, err = xbuilds(ctx, l, p, ch, "levels", "v2", "v3", "v4")
			default:
				built, size, err = xbuilds(ctx, l, p, ch, "binaries")
			}
			if err != nil {
				return m, err
			}
			m = value(built, size)
			if column == lab.XBuild {
				m.Checks = []result.Check{{Text: "no variant built", Held: built == len(p.Mains)}}
			}
			return m, nil
		}, nil
	}
}

// goBuilds builds a binary for each level, and counts those that differ.
func goBuilds(ctx context.Context, l *lab.Lab, p *lab.Program, ch lab.Change, levels ...string) (built int, size int64, err error) {
	dir, err := copied(l, p, ch)
	if err != nil {
		return 0, 0, err
	}
	h, err := l.Host(ctx)
	if err != nil {
		return 0, 0, err
	}
	seen := map[string]bool{}
	for _, level := range levels {
		args := append(append([]string{"build", "-modcacherw", "-o", level}, releaseFlags()...), p.Mains[0])
		if err := h.Go(ctx, dir, "linux/amd64", []string{"GOAMD64=" + level}, args...); err != nil {
			return 0, 0, err
		}
		binary, err := os.ReadFile(filepath.Join(dir, level))
		if err != nil {
			return 0, 0, err
		}
		seen[string(binary)] = true
		size += int64(len(binary))
	}
	return len(seen), size, nil
}

// xbuilds builds targets of the spec one after another, on a machine that has built them before.
func xbuilds(ctx context.Context, l *lab.Lab, p *lab.Program, ch lab.Change, targets ...string) (built int, size int64, err error) {
	for _, target := range targets {
		q := p.On("levels-"+target, "linux/amd64")
		q.Target = target
		s, err := l.Sample(ctx, lab.Warm, lab.XBuild, q, ch)
		if err != nil {
			return 0, 0, err
		}
		built += builds(s.Steps)
		size += s.Size
	}
	return built, size, nil
}
