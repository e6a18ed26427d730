package guide

import (
	"context"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const (
	goInTurn     = "go build, in a loop"
	goAtOnce     = "go build, at once"
	dockerInTurn = "Dockerfile, in a loop"
)

// parallel is exercise 1.
func parallel() suite.Experiment {
	return suite.Experiment{
		Suite: "guide", Name: "parallel", Title: "1. Targets in parallel",
		About: `[bench/apps/tiny](../bench/apps/tiny) for linux/amd64, linux/arm64, darwin/arm64 and windows/amd64, on machines that have built it
before. **In a loop** is a command per target; the others build all at once. The Dockerfile is the one with cache mounts. go build makes no image and
pushes none. In “one file edited” each column has an edit of its own, since some share a cache.`,
		Columns: []string{goInTurn, goAtOnce, dockerInTurn, lab.Dockerfile, lab.XBuild},
		Setup:   100 * time.Second,
		Compare: suite.Compare{Old: goInTurn, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "nothing changed", Estimate: 8 * time.Second, Start: targets(seconds, lab.Nothing), Guide: &suite.Guide{Text: "12 s → 4 s", Ratio: 3},
				Why: "A build with BuildKit has costs that go build has not: the command, the client's files, the push. The targets are more than the cores where these are two."},
			{Name: "one file edited", Estimate: 16 * time.Second, Start: targets(seconds, lab.EditSource), Guide: &suite.Guide{Text: "12 s → 4 s", Ratio: 3},
				Why: "xbuild makes and pushes images, and each target's compile is a container. go build keeps several cores busy by itself; with two cores there is little left to gain."},
			{Name: "cores busy, one file edited", Unit: "cores", Once: true, Estimate: 5 * time.Second, Only: []string{goInTurn, goAtOnce}, Start: targets(cores, lab.EditSource),
				Guide: &suite.Guide{Text: "1 core → up to 4"}},
		},
	}
}

func targets(value func(*lab.Sample) suite.Measured, change lab.Changer) suite.Start {
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		p, err := l.Program(ctx, lab.Tiny)
		if err != nil {
			return nil, err
		}
		four := p.On("tiny-four", "linux/amd64", "linux/arm64", "darwin/arm64", "windows/amd64")
		four.Target = "binaries" // an image on scratch is none for these systems
		return func(ctx context.Context, column string) (m suite.Measured, err error) {
			ch, err := change(ctx, p, run)
			if err != nil {
				return m, err
			}
			s, err := buildTargets(ctx, l, column, four, ch)
			if err != nil {
				return m, err
			}
			m = value(s)
			if len(ch.Files) == 0 {
				m.Binaries = s.Binaries
			}
			return m, nil
		}, nil
	}
}

func buildTargets(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (*lab.Sample, error) {
	switch column {
	case goInTurn:
		return inTurn(ctx, l, lab.Warm, lab.GoBuild, perPlatform(p), ch)
	case goAtOnce:
		return l.Sample(ctx, lab.Warm, lab.GoBuild, p, ch)
	case dockerInTurn:
		return inTurn(ctx, l, lab.Warm, lab.Dockerfile, perPlatform(p), ch)
	default:
		return l.Sample(ctx, lab.Warm, column, p, ch)
	}
}

func seconds(s *lab.Sample) suite.Measured { return suite.Measured{Value: s.Value()} }

func cores(s *lab.Sample) suite.Measured { return number(s.CPU.Seconds() / s.Took.Seconds()) }
