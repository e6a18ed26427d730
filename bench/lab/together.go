package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"time"

	"golang.org/x/sync/errgroup"
)

// Together times the builds of several changed programs at the same time on the contestant's warm machine, from the
// start of the first to the end of the last. The names of the binaries begin with those of their programs.
func (l *Lab) Together(ctx context.Context, contestant string, programs []*Program, changes []Change) (s *Sample, err error) {
	if len(programs) != len(changes) {
		return nil, fmt.Errorf("%d changes of %d programs", len(changes), len(programs))
	}
	requests := make([]request, len(programs))
	for i, p := range programs {
		w, err := l.workspace(contestant, p)
		if err != nil {
			return nil, err
		}
		if err := w.buildBase(ctx); err != nil {
			return nil, err
		}
		requests[i] = request{workspace: w, version: cmp.Or(changes[i].Version, "1.0.0")}
	}
	for i, r := range requests {
		restore, bad := r.change(changes[i])
		if bad != nil {
			return nil, bad
		}
		defer func() { err = errors.Join(err, restore()) }()
	}
	m := requests[0].contestant.warm
	if s, err = allAtOnce(ctx, m, requests); err != nil {
		return nil, err
	}
	return s, s.addBinaries(ctx, m, requests)
}

func allAtOnce(ctx context.Context, m machine, requests []request) (*Sample, error) {
	if err := sync(ctx); err != nil {
		return nil, err
	}
	start := time.Now()
	eg, ctx := errgroup.WithContext(ctx)
	for _, r := range requests {
		eg.Go(func() error {
			_, err := m.build(ctx, r)
			return err
		})
	}
	err := eg.Wait()
	return &Sample{Took: time.Since(start)}, err
}

// addBinaries adds those of the last builds.
func (s *Sample) addBinaries(ctx context.Context, m machine, requests []request) error {
	s.Binaries = map[string]string{}
	for _, r := range requests {
		one := &Sample{}
		if err := m.look(ctx, r, one); err != nil {
			return err
		}
		for name, sum := range one.Binaries {
			s.Binaries[path.Join(r.Name, name)] = sum
		}
	}
	return nil
}
