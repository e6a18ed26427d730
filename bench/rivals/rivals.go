// Package rivals measures other ways to build Go for several platforms beside xbuild.
package rivals

import (
	"context"
	"errors"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
	"github.com/acme/xbuild/internal/localkit"
)

// Experiments are one for a small program, with all rivals, and one for a larger one.
func Experiments() []suite.Experiment {
	kept := []string{lab.XBuild, lab.Dockerfile, lab.Ko, lab.GoReleaser, lab.Emulated} // what a machine knows that stays warm
	fresh := []string{lab.XBuild, lab.Dockerfile, lab.Plain, lab.Ko, lab.GoReleaser}
	tiny := suite.Experiment{
		Suite: "rivals", Name: "tiny", Title: "A small program, by other tools",
		About:   "The program is [bench/apps/tiny](../bench/apps/tiny), for linux/amd64 and linux/arm64.\n" + about,
		Columns: []string{lab.XBuild, lab.Dockerfile, lab.Plain, lab.Ko, lab.GoReleaser, lab.Emulated},
		Compare: suite.Compare{Old: lab.Ko, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "cold", Estimate: 4 * time.Minute, Once: true, Start: builds(lab.Tiny, lab.Cold, lab.Nothing), Why: whyCold},
			{Name: "nothing changed, warm", Estimate: 10 * time.Second, Start: builds(lab.Tiny, lab.Warm, lab.Nothing), Why: whyHost},
			{Name: "one file edited, warm", Estimate: 15 * time.Second, Only: kept, Start: builds(lab.Tiny, lab.Warm, lab.EditSource), Why: whyHost},
			{Name: freshEdit, Estimate: 90 * time.Second, Once: true, Only: fresh, Start: builds(lab.Tiny, lab.Fresh, lab.EditSource, noStd())},
		},
	}
	web := suite.Experiment{
		Suite: "rivals", Name: "web", Title: "A web server with a database, by other tools",
		About:   "The program is [bench/apps/web](../bench/apps/web), for the same platforms, by xbuild, by what `gen dockerfile` writes of its spec, and by ko.",
		Columns: []string{lab.XBuild, lab.Generated, lab.Ko},
		Compare: suite.Compare{Old: lab.Ko, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "cold", Estimate: 180 * time.Second, Once: true, Start: builds(lab.Web, lab.Cold, lab.Nothing), Why: whyCold},
			{Name: "one file edited, warm", Estimate: 15 * time.Second, Start: builds(lab.Web, lab.Warm, lab.EditSource), Why: whyHost},
			{Name: freshEdit, Estimate: time.Minute, Once: true, Start: builds(lab.Web, lab.Fresh, lab.EditSource, noStd())},
		},
	}
	return []suite.Experiment{tiny, web}
}

const (
	freshEdit = "one file edited, fresh CI machine"

	about = `**Dockerfile** has cache mounts, and **Dockerfile, no mounts** has none; both compile on the builder's own architecture. **Dockerfile, emulated** is the first
of them without ` + "`--platform=$BUILDPLATFORM`" + `: the compiler itself runs under QEMU for the other platform. **ko** and **GoReleaser** run the go command of
this machine, with no daemon and no container, and with build and module caches of their own; ko pushes an image, GoReleaser makes binaries and
no image. A **fresh CI machine** has an empty daemon, which imports what a warm one exported to the registry; ko and GoReleaser can't export a cache, so
theirs begins cold unless something else keeps those folders. All have the same flags, and make the same binaries, bit for bit.`

	whyCold = "ko and GoReleaser take the machine's own go command and pull no toolchain image; there is no daemon in between, and nothing is packed for other machines."
	whyHost = "A host's own build starts no container and transfers no context; xbuild answers for every build through a daemon, a scan and a check of each binary."
)

// noStd is what a fresh machine that imports the cache need not do.
func noStd() suite.Rule { return suite.NoneRan(`^\[(std|deps) `, "no std, no deps") }

// builds is [suite.Builds]; where this machine emulates nothing, the cell says so.
func builds(program string, state lab.State, change lab.Changer, checks ...suite.Rule) suite.Start {
	start := suite.Builds(program, state, change, checks...)
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		measure, err := start(ctx, l, run)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, column string) (suite.Measured, error) {
			m, err := measure(ctx, column)
			if column == lab.Emulated && errors.Is(err, localkit.ErrUnsupported) {
				return suite.Measured{Value: result.Value{Text: "no emulation here"}}, nil
			}
			return m, err
		}, nil
	}
}
