package grow

import (
	"context"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

// platforms are what one program is built for, the first n of them.
var platforms = []string{
	"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/ppc64le", "linux/s390x", "linux/riscv64", "linux/mips64le",
	"linux/loong64", "linux/ppc64",
}

func targets() suite.Experiment {
	return suite.Experiment{
		Suite: name, Name: "targets", Title: "An edit of one program for more and more platforms",
		About: `A generated program of six packages, which imports only the standard library, for the first so many of linux/amd64, arm64, arm/v7, 386,
ppc64le, s390x, riscv64, mips64le, loong64 and ppc64. A package that the program imports is edited on a machine that has built it before for
the same platforms. go build runs once for each platform, all at the same time.`,
		Columns: all(), Setup: 2 * time.Minute, Compare: compared(), Plot: lines("platforms"),
		Rows: rows([]count{
			{n: 1, run: 2 * time.Second}, {n: 2, run: 2 * time.Second}, {n: 4, run: 3 * time.Second}, {n: 7, run: 5 * time.Second, once: true}, {n: 10, run: 7 * time.Second, once: true},
		}, whySteps, func(n int) suite.Start {
			const packages = 5
			load := generated("platforms", n, func(int) map[string]string { return tree(packages) })
			return suite.BuildsOf(forFirst(n, load), lab.Warm, edit(packageFile(packages-1)))
		}),
	}
}

// forFirst has a program built for the first n platforms.
func forFirst(n int, load suite.Load) suite.Load {
	return func(ctx context.Context, l *lab.Lab) (*lab.Program, error) {
		p, err := load(ctx, l)
		if err == nil {
			p.Platforms = platforms[:n]
		}
		return p, err
	}
}
