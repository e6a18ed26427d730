package guide

import (
	"context"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const (
	goNoCache = "go build, no cache"
	goCache   = "go build, one cache"
)

// persistent is exercise 2.
func persistent() suite.Experiment {
	later := &suite.Guide{Text: "40 s → 6 s", Ratio: 40. / 6}
	return suite.Experiment{
		Suite: "guide", Name: "persistent", Title: "2. One persistent build and module cache for all targets",
		About: `[bench/apps/tiny](../bench/apps/tiny) for linux/amd64 and linux/arm64; later builds follow an edit of one file. **No cache** is a go build for
each target, one after another, that finds both caches empty. On a fresh machine **one cache** is what a build of the two targets left, unpacked from
a file on the disk, which is timed too; Dockerfiles and xbuild import what a warm daemon exported to the registry (` + "`mode=max`" + `, zstd).`,
		Columns: []string{goNoCache, goCache, lab.Plain, lab.Dockerfile, lab.XBuild},
		Compare: suite.Compare{Old: goNoCache, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "first build", Estimate: 80 * time.Second, Once: true, Start: caches(lab.Cold, lab.Cold, lab.Nothing), Guide: &suite.Guide{Text: "40 s → 40 s", Ratio: 1},
				Why: "A fresh daemon pulls the toolchain's image first, and images are made; go build finds its toolchain installed. xbuild compiles a list of the standard library that most programs take, which this one does not need all of: it is the layer that other machines and programs share."},
			{Name: "later build on the same machine", Estimate: 36 * time.Second, Start: caches(lab.Warm, lab.Warm, lab.EditSource), Guide: later,
				Why: "go build makes no image. xbuild scans and narrows the source in two small steps more than the Dockerfile has, which keep other edits from compiling anything."},
			{Name: "later build on a fresh machine", Estimate: 85 * time.Second, Once: true, Start: caches(lab.Fresh, lab.Restored, lab.EditSource), Guide: later,
				Why: "go build has its caches on the disk already and its toolchain installed; the others pull from a registry, into an empty daemon."},
		},
	}
}

// caches builds for two platforms; the go build that keeps its cache does so in a state of its own.
func caches(st, kept lab.State, change lab.Changer) suite.Start {
	return suite.Changed(suite.App(lab.Tiny), change, func(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (m suite.Measured, err error) {
		var s *lab.Sample
		switch column {
		case goNoCache:
			s, err = inTurn(ctx, l, lab.Cold, lab.GoBuild, perPlatform(p), ch)
		case goCache:
			s, err = l.Sample(ctx, kept, lab.GoBuild, p, ch)
		default:
			s, err = l.Sample(ctx, st, column, p, ch)
		}
		if err != nil {
			return m, err
		}
		return suite.Measured{Value: s.Value(), Binaries: s.Binaries}, nil
	})
}
