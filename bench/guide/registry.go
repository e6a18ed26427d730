package guide

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const (
	pushNoCache = "Dockerfile, no cache"
	pushCache   = "Dockerfile, registry cache"
)

// registry is exercise 5.
func registry() suite.Experiment {
	return suite.Experiment{
		Suite: "guide", Name: "registry", Title: "5. A registry cache for images of several architectures",
		About: `[bench/apps/tiny](../bench/apps/tiny) for linux/amd64 and linux/arm64, pushed by a fresh daemon. The Dockerfile is a plain one, which compiles on
` + "`$BUILDPLATFORM`" + `: **no cache** imports nothing, the other two import what a warm daemon of theirs exported (` + "`mode=max`" + `, zstd). The new dependency is
a module that nothing imported before. They make the same binaries, bit for bit.`,
		Columns: []string{pushNoCache, pushCache, lab.XBuild},
		Compare: suite.Compare{Old: pushNoCache, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "source unchanged", Once: true, Estimate: 20 * time.Second, Start: pushes(lab.Nothing), Guide: &suite.Guide{Text: "120 s → 15 s", Ratio: 8},
				Why: "xbuild's scan runs in every build, and a fresh daemon pulls its step program for that."},
			{Name: "a new dependency", Estimate: 50 * time.Second, Once: true, Start: pushes(addModule), Guide: &suite.Guide{Text: "120 s → 60 s", Ratio: 2},
				Why: "The machine takes a seed, so what it has of the dependencies is pulled before the new one is compiled."},
			{Name: "one file edited", Once: true, Estimate: 40 * time.Second, Start: pushes(lab.EditSource)},
		},
	}
}

func pushes(change lab.Changer) suite.Start {
	return suite.Changed(suite.App(lab.Tiny), change, func(ctx context.Context, l *lab.Lab, column string, p *lab.Program, ch lab.Change) (m suite.Measured, err error) {
		st, contestant := lab.Fresh, column
		switch column {
		case pushNoCache:
			st, contestant = lab.Cold, lab.Plain
		case pushCache:
			contestant = lab.Plain
		}
		s, err := l.Sample(ctx, st, contestant, p, ch)
		if err != nil {
			return m, err
		}
		return suite.Measured{Value: s.Value(), Binaries: s.Binaries}, nil
	})
}

// addModule requires and imports a small module in the first main package.
func addModule(ctx context.Context, p *lab.Program, _ int) (lab.Change, error) {
	const module = "github.com/google/uuid"
	q := *p
	q.Bump = module + "@v1.6.0"
	ch, err := lab.BumpModule(ctx, &q, 0)
	if err != nil {
		return ch, err
	}
	file := filepath.Join(p.Mains[0], "main.go")
	old, err := os.ReadFile(filepath.Join(p.Dir, file))
	if err != nil {
		return ch, err
	}
	ch.Files[filepath.ToSlash(file)], err = withImport(string(old), module)
	return ch, err
}

// withImport adds a blank import to a file of package main.
func withImport(source, path string) (string, error) {
	const clause = "\npackage main\n"
	before, after, ok := strings.Cut("\n"+source, clause)
	if !ok {
		return "", errors.New("no file of package main")
	}
	return strings.TrimPrefix(before+clause+"\nimport _ \""+path+"\"\n"+after, "\n"), nil
}
