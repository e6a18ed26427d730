package grow

import (
	"context"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
	"github.com/acme/xbuild/internal/localkit"
)

func peaks(p *pipelines) suite.Experiment {
	e := suite.Experiment{
		Suite: name, Name: "memory", Title: "Memory at its peak, in a cold build",
		About: `A build of [bench/apps/web](../bench/apps/web) on a machine that knows nothing pushes an image for linux/amd64 and linux/arm64 and exports its cache (` + "`mode=max`" + `, zstd) to a registry. Meanwhile
the processes below buildkitd are looked at every 50 ms or as often as that takes: **frontend** is the process that makes the build's graph, **steps** are all that
containers run, **buildkitd** is the daemon and the runc of its containers. Each row is the most there was at a time, so that the parts are more than all together. Memory
that processes share counts once (PSS); the kernel's cache of files does not count.`,
		Columns: images(), Setup: 4 * time.Minute, Compare: compared(), Plot: suite.Plot{Kind: suite.Bars},
	}
	why := map[string]string{allRoles: whyMemory, stepsRole: whyMemory}
	for _, role := range roles() {
		e.Rows = append(e.Rows, suite.Row{Name: role, Unit: "MB", Once: true, Why: why[role], Start: p.number(coldBuild, func(of *pipeline) int64 { return of.peak[role] })})
	}
	return e
}

func transfers(p *pipelines) suite.Experiment {
	e := suite.Experiment{
		Suite: name, Name: "traffic", Title: "Bytes from and to registries",
		About: `The program is [bench/apps/web](../bench/apps/web). The **cold** build pushes the image and exports its cache (` + "`mode=max`" + `, zstd) to an empty registry; the
**fresh** ones run on new machines that import it, after an edit, and push the image. Bytes are those of blobs and manifests, counted by two registries: that of the image
and the cache, and that of the toolchain's and the frontend's images, which real machines would pull elsewhere. What the go command downloads from a module
proxy is no part of it.`,
		Columns: images(), Compare: compared(), Plot: suite.Plot{Kind: suite.Bars},
	}
	for _, build := range []string{coldBuild, editBuild, docsBuild} {
		down := func(t localkit.Traffic) int64 { return t.Sent }
		up := func(t localkit.Traffic) int64 { return t.Received }
		for _, way := range []struct {
			name, why string
			of        func(localkit.Traffic) int64
		}{{"downloaded", whyDownload, down}, {"uploaded", whyUpload, up}} {
			e.Rows = append(e.Rows, suite.Row{
				Name: build + ", " + way.name, Unit: "MB", Once: true, Why: way.why,
				Start: p.number(build, func(of *pipeline) int64 { return way.of(of.builds[build].Traffic) }),
			})
		}
	}
	return e
}

// number shows bytes that a build of the pipelines took, in MB.
func (p *pipelines) number(build string, bytes func(*pipeline) int64) suite.Start {
	return func(_ context.Context, l *lab.Lab, _ int) (suite.Measure, error) {
		return func(ctx context.Context, column string) (suite.Measured, error) {
			of, err := p.run(ctx, l, column)
			if err != nil {
				return suite.Measured{}, err
			}
			return suite.Measured{Value: result.Value{Number: float64(bytes(of)) / 1e6}, Binaries: of.builds[build].Binaries}, nil
		}, nil
	}
}
