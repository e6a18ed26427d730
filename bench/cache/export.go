package cache

import (
	"context"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// sizes gives a number of the parts of an exported cache.
func sizes(of func([]result.Blob) float64) suite.Start {
	return func(ctx context.Context, l *lab.Lab, run int) (suite.Measure, error) {
		export, err := suite.Builds(lab.Cloud, lab.Export, lab.Nothing)(ctx, l, run)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, column string) (suite.Measured, error) {
			m, err := export(ctx, column)
			return suite.Measured{Value: result.Value{Number: of(m.Blobs)}}, err
		}, nil
	}
}

// total is the size in MB of each blob once.
func total(blobs []result.Blob) float64 {
	var bytes int64
	seen := map[string]bool{}
	for _, b := range blobs {
		if !seen[b.Digest] {
			seen[b.Digest] = true
			bytes += b.Size
		}
	}
	return float64(bytes) / 1e6
}

// twice is how many references are to a blob that another one is to.
func twice(blobs []result.Blob) float64 {
	seen := map[string]bool{}
	for _, b := range blobs {
		seen[b.Digest] = true
	}
	return float64(len(blobs) - len(seen))
}
