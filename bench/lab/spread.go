package lab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/acme/xbuild/internal/localkit"
)

// spread is a builder over several daemons, each for a platform of its own.
type spread struct {
	*localkit.Fleet
	nodes []*Daemon
}

// newSpread starts a daemon for each of [Platforms].
func (l *Lab) newSpread(ctx context.Context) (machine, error) {
	var nodes []*Daemon
	for range Platforms() {
		d, err := l.NewDaemon(ctx)
		if err != nil {
			return nil, errors.Join(err, (&spread{nodes: nodes}).Close())
		}
		nodes = append(nodes, d)
	}
	s, err := l.spreadOver(ctx, nodes)
	if err != nil {
		return nil, errors.Join(err, (&spread{nodes: nodes}).Close())
	}
	return s, nil
}

// spreadOver makes a builder in which a node has the platform of its index. One that comes after takes the last over.
func (l *Lab) spreadOver(ctx context.Context, nodes []*Daemon) (*spread, error) {
	l.spreads++
	f, err := nodes[0].Fleet(ctx, fmt.Sprintf("spread%d", l.spreads), Platforms()[0])
	if err != nil {
		return nil, err
	}
	for i, d := range nodes[1:] {
		if err := f.Append(ctx, d.Kit, Platforms()[min(i+1, len(Platforms())-1)]); err != nil {
			return nil, err
		}
	}
	return &spread{f, nodes}, nil
}

// Close ends the daemons.
func (s *spread) Close() error {
	var errs []error
	for _, d := range s.nodes {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

func (s *spread) build(ctx context.Context, r request) (*Sample, error) {
	return r.push(ctx, s, s.nodes[0].Registry, s.nodes[0].traffic)
}

func (s *spread) look(ctx context.Context, r request, got *Sample) error {
	return s.nodes[0].look(ctx, r, got)
}

// buildLate builds by the warm fleet after a daemon joined it that knows nothing, and has the last of [Platforms] now.
func (w *workspace) buildLate(ctx context.Context, l *Lab, ch Change, flags ...string) (s *Sample, err error) {
	warm, ok := w.contestant.warm.(*spread)
	if !ok {
		return nil, fmt.Errorf("%s is no fleet", w.contestant.name)
	}
	d, err := l.NewDaemon(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	joined, err := l.spreadOver(ctx, append(slices.Clone(warm.nodes), d))
	if err != nil {
		return nil, err
	}
	return w.build(ctx, joined, ch, flags...)
}
