// Package cache measures what builds cost with caches in every state.
package cache

import (
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/page"
	"github.com/acme/xbuild/bench/suite"
)

const (
	cold       = "cold"
	editWarm   = "one file edited, warm"
	bumpWarm   = "one module bumped, warm"
	editFresh  = "one file edited, fresh"
	testEdited = "a test edited, fresh"
	stamped    = "new commit stamped, no code changed, fresh"
	bumpFresh  = "one module bumped, fresh"
	oneBinary  = "one package edited, one binary of 20 built, fresh"
)

// Experiments are in an order in which goals refer only to earlier rows or to their own.
func Experiments() []suite.Experiment {
	return []suite.Experiment{states(), export(), own(), fleet()}
}

// Headline are the rows that say most.
func Headline() page.Headline {
	return page.Headline{Suite: "cache", Name: "states", Rows: []string{editFresh, testEdited, stamped, bumpFresh, editWarm, cold}}
}

func states() suite.Experiment {
	fast := []string{lab.XBuild, lab.Dockerfile}
	layered := []string{lab.XBuild, lab.Dockerfile, lab.Listed}
	builds := suite.Builds
	noCompile := suite.NoneRan(`\] (compile|link)$`, "no compile, no link")
	return suite.Experiment{
		Suite: "cache", Name: "states", Title: "An edit, with caches in every state",
		About: `The program is [bench/apps/cloud](../bench/apps/cloud), a cloud SDK and a Kubernetes client, for linux/amd64 and linux/arm64.
**warm** is a daemon that has built the program as it was before the edit; **fresh** is a new daemon that has pulled nothing and imports
the cache that a warm one of the same contestant exported to the registry (` + "`mode=max`" + `, zstd); xbuild's has pushed seeds, too. Each run has an edit of its own, which
all contestants get alike; they make the same binaries, bit for bit.`,
		Columns: []string{lab.XBuild, lab.Dockerfile, lab.Listed, lab.GoBuild},
		Compare: suite.Compare{Old: lab.Dockerfile, New: lab.XBuild},
		Plot: suite.Plot{Kind: suite.Bars, Log: true, Rows: []string{
			cold, editWarm, bumpWarm, editFresh, testEdited, bumpFresh}},
		Rows: []suite.Row{
			{Name: cold, Estimate: 14 * time.Minute, Once: true, Start: builds(lab.Cloud, lab.Cold, lab.Nothing), Explain: true,
				Goals: []suite.Goal{suite.AtMost(1.10, lab.Dockerfile)}, Why: whyCold},
			{Name: "nothing changed, warm", Estimate: 10 * time.Second, Start: builds(lab.Cloud, lab.Warm, lab.Nothing),
				Goals: []suite.Goal{suite.AtMostMore(500*time.Millisecond, lab.Dockerfile)}, Why: whySame},
			{Name: editWarm, Estimate: 40 * time.Second, Start: builds(lab.Cloud, lab.Warm, lab.EditSource), Explain: true,
				Goals: []suite.Goal{suite.AtMost(1.0, lab.Dockerfile), suite.AtMost(1.3, lab.GoBuild)}, Why: whyWarm},
			{Name: bumpWarm, Estimate: 50 * time.Second, Start: builds(lab.Cloud, lab.Warm, lab.BumpModule), Explain: true, Only: append(fast, lab.GoBuild),
				Goals: []suite.Goal{suite.AtMost(1.1, lab.Dockerfile)}, Why: whyBump},
			{Name: "nothing changed, fresh", Estimate: 30 * time.Second, Start: builds(lab.Cloud, lab.Fresh, lab.Nothing), Only: layered, Why: whySame},
			{Name: editFresh, Estimate: 2 * time.Minute, Start: builds(lab.Cloud, lab.Fresh, lab.EditSource, suite.NoneRan(`^\[(std|deps) `, "no std, no deps")), Explain: true,
				Only: layered, Goals: []suite.Goal{suite.Faster(15, lab.Dockerfile)}, Why: whyFresh},
			{Name: testEdited, Estimate: 80 * time.Second, Start: builds(lab.Cloud, lab.Fresh, lab.EditTest, noCompile), Explain: true,
				Only: fast, Goals: []suite.Goal{suite.Faster(50, lab.Dockerfile)}},
			{Name: "another binary's file edited, fresh", Estimate: 5 * time.Second, Start: builds(lab.Cloud, lab.Fresh, lab.EditOther, noCompile),
				Only: []string{lab.XBuild}, Goals: []suite.Goal{suite.Faster(50, lab.Dockerfile).In(testEdited)}},
			{Name: "docs edited, fresh", Estimate: 10 * time.Second, Start: builds(lab.Cloud, lab.Fresh, lab.EditDocs, noCompile),
				Only: fast, Goals: []suite.Goal{suite.Faster(50, lab.Dockerfile).In(testEdited)},
				Why: "The Dockerfile's `.dockerignore` keeps docs out."},
			{Name: stamped, Estimate: 100 * time.Second, Start: builds(lab.Stamped, lab.Fresh, lab.NewCommit, suite.NoneRan(`\] compile$`, "link only")), Explain: true,
				Only: fast, Goals: []suite.Goal{suite.Faster(10, lab.Dockerfile)}},
			{Name: bumpFresh, Estimate: 105 * time.Second, Start: builds(lab.Cloud, lab.Fresh, lab.BumpModule, suite.NoneRan(`^\[std `, "no std")), Explain: true,
				Only: fast, Goals: []suite.Goal{suite.Faster(1.3, lab.Dockerfile)}},
		},
	}
}

func export() suite.Experiment {
	return suite.Experiment{
		Suite: "cache", Name: "export", Title: "Exporting a cache",
		About: "The first export of a warm daemon to the registry, `mode=max`, zstd: how much longer the build with it takes than the one without, and\n" +
			"for xbuild the push of the seeds (`--target deps`, whose layers are in the cache already, and `own`); and\n" +
			"what the cache's manifest refers to. Same program.",
		Columns: []string{lab.XBuild, lab.Dockerfile, lab.Listed},
		Rows: []suite.Row{
			{Name: "time added", Once: true, Estimate: 40 * time.Second, Start: suite.Builds(lab.Cloud, lab.Export, lab.Nothing), Why: whyExport},
			{Name: "size", Unit: "MB", Once: true, Start: sizes(total), Why: whyExport},
			{Name: "blobs referred to twice", Unit: "blobs", Once: true, Start: sizes(twice), Why: "Two steps that give the same content refer to one blob, which the registry has once."},
		},
	}
}

func own() suite.Experiment {
	return suite.Experiment{
		Suite: "cache", Name: "own", Title: "An edit of a program that is mostly its own packages",
		About: "The program is [bench/apps/own](../bench/apps/own), for two platforms. Its packages are in no layer of a cache export:\n" +
			"a fresh machine takes them from the seed of the target `own`, and compiles what the edit reaches.",
		Columns: []string{lab.XBuild, lab.Dockerfile, lab.Listed, lab.GoBuild},
		Setup:   2 * time.Minute,
		Compare: suite.Compare{Old: lab.Dockerfile, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "of mostly own packages, one file edited, warm", Estimate: 10 * time.Second, Start: suite.Builds(lab.Own, lab.Warm, lab.EditSource), Why: whyWarm},
			{Name: "of mostly own packages, one file edited, fresh", Estimate: 45 * time.Second, Start: suite.Builds(lab.Own, lab.Fresh, lab.EditSource),
				Only: []string{lab.XBuild, lab.Dockerfile, lab.Listed}, Explain: true},
		},
	}
}

func fleet() suite.Experiment {
	return suite.Experiment{
		Suite: "cache", Name: "fleet", Title: "One package edited of a workspace with 20 commands",
		About:   "The program is [bench/apps/fleet](../bench/apps/fleet), for two platforms. The package is in two of the commands.",
		Columns: []string{lab.XBuild, lab.Dockerfile},
		Setup:   3 * time.Minute,
		Compare: suite.Compare{Old: lab.Dockerfile, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: oneBinary, Estimate: 8 * time.Second, Start: suite.Builds(lab.FleetOne, lab.Fresh, lab.EditSource), Only: []string{lab.XBuild}},
			{Name: "one package edited of 20 binaries, fresh", Estimate: 50 * time.Second, Start: suite.Builds(lab.Fleet, lab.Fresh, lab.EditSource, onlyAffected()),
				Goals: []suite.Goal{suite.AtMost(3, lab.XBuild).In(oneBinary)}, Explain: true},
			{Name: "one package edited of 20 binaries, warm", Estimate: 15 * time.Second, Start: suite.Builds(lab.Fleet, lab.Warm, lab.EditSource, onlyAffected())},
		},
	}
}

// onlyAffected holds when those binaries were compiled, once for each platform, whose closure
// has the edited file.
func onlyAffected() suite.Rule {
	return suite.Rule{Text: "only its binaries compiled", Holds: func(p *lab.Program, ran []string) bool {
		var compiled, want []string
		for _, name := range ran {
			if strings.HasSuffix(name, "] compile") {
				compiled = append(compiled, name)
			}
		}
		for _, name := range p.Uses {
			for _, platform := range lab.Platforms() {
				want = append(want, "["+name+" "+platform+"] compile")
			}
		}
		slices.Sort(want)
		return slices.Equal(compiled, want)
	}}
}
