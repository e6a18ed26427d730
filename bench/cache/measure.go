package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"time"
)

// tooLong is how long a build takes that is not measured again.
const tooLong = 100 * time.Second

// row is what was measured of a scenario.
type row struct {
	scenario
	program *program
	samples map[string][]*sample // by contestant
}

// median is the contestant's sample of median time, of two the faster; nil when it has none or r is nil.
func (r *row) median(contestant string) *sample {
	if r == nil || len(r.samples[contestant]) == 0 {
		return nil
	}
	s := slices.Clone(r.samples[contestant])
	slices.SortFunc(s, func(a, b *sample) int { return cmp.Compare(a.took, b.took) })
	return s[(len(s)-1)/2]
}

// takesTooLong reports whether the contestant is not to be measured again.
func (r *row) takesTooLong(contestant string) bool {
	s := r.samples[contestant]
	return len(s) > 0 && s[0].took > tooLong
}

// leavesOut reports whether the contestant has no part in the scenario.
func (s scenario) leavesOut(contestant string) bool {
	return s.alone && contestant != xbuild || s.state == export && contestant == goBuild
}

// measure runs a scenario: in each run every contestant builds after the same change, in turn.
// It fails when their binaries differ in a bit.
func (b *bench) measure(ctx context.Context, s scenario) (*row, error) {
	p, err := b.program(ctx, s.program)
	if err != nil {
		return nil, err
	}
	r := &row{scenario: s, program: p, samples: map[string][]*sample{}}
	runs := b.runs
	if s.state == export {
		runs = 1 // a second export finds the work of the first done
	}
	for run := range runs {
		ch, err := s.change(ctx, p, run)
		if err != nil {
			return nil, err
		}
		var binaries map[string]string
		for _, c := range b.contestants {
			if s.leavesOut(c.name) || r.takesTooLong(c.name) {
				continue
			}
			got, err := b.sample(ctx, s.state, c, p, ch)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if binaries == nil {
				binaries = got.binaries
			}
			if !maps.Equal(binaries, got.binaries) {
				return nil, fmt.Errorf("%s made other binaries than a contestant before it:\n%v\n%v", c.name, got.binaries, binaries)
			}
			r.samples[c.name] = append(r.samples[c.name], got)
			fmt.Fprintf(b.log, "%s | %s | %d of %d | %.2f s\n", s.name, c.name, run+1, runs, got.took.Seconds())
		}
	}
	return r, nil
}

// sample times a contestant's build of the changed program on a machine in the given state.
func (b *bench) sample(ctx context.Context, st state, c *contestant, p *program, ch change) (*sample, error) {
	w, err := c.workspace(p, b.temp)
	if err != nil {
		return nil, err
	}
	if c.name == goBuild && st == fresh {
		st = warm
	}
	switch st {
	case cold:
		return w.buildCold(ctx, ch)
	case warm:
		if err := w.buildBase(ctx); err != nil {
			return nil, err
		}
		return w.build(ctx, c.warm, ch)
	case fresh:
		if err := b.export(ctx, w); err != nil {
			return nil, err
		}
		return w.buildFresh(ctx, ch, "--cache-from", "type=registry,ref="+b.registry.Ref(w.cache))
	case export:
		err := b.export(ctx, w)
		return w.exported, err
	default:
		return nil, fmt.Errorf("no machine for state %d", st)
	}
}

// buildCold builds on a machine that knows nothing, which becomes the contestant's warm one if it
// has none.
func (w *workspace) buildCold(ctx context.Context, ch change) (*sample, error) {
	if w.contestant.warm != nil {
		return w.buildFresh(ctx, ch)
	}
	m, err := w.contestant.start(ctx)
	if err != nil {
		return nil, err
	}
	w.contestant.warm = m
	s, err := w.build(ctx, m, ch)
	w.built = err == nil
	return s, err
}

// buildFresh builds on a machine that knows nothing and is closed after.
func (w *workspace) buildFresh(ctx context.Context, ch change, flags ...string) (s *sample, err error) {
	m, err := w.contestant.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return w.build(ctx, m, ch, flags...)
}

// buildBase has the warm machine build the unchanged program, once.
func (w *workspace) buildBase(ctx context.Context) error {
	if w.built {
		return nil
	}
	if w.contestant.warm == nil {
		_, err := w.buildCold(ctx, change{})
		return err
	}
	_, err := w.build(ctx, w.contestant.warm, change{})
	w.built = err == nil
	return err
}

// export has the warm machine export the cache of the unchanged program, once.
func (b *bench) export(ctx context.Context, w *workspace) error {
	if w.exported != nil {
		return nil
	}
	if err := w.buildBase(ctx); err != nil {
		return err
	}
	without, err := w.build(ctx, w.contestant.warm, change{})
	if err != nil {
		return err
	}
	with, err := w.build(ctx, w.contestant.warm, change{},
		"--cache-to", "type=registry,mode=max,compression=zstd,ref="+b.registry.Ref(w.cache))
	if err != nil {
		return err
	}
	with.took -= without.took
	with.cache, err = cacheBlobs(ctx, b.registry, w.cache)
	w.exported = with
	return err
}

// build times one build, after what earlier ones wrote is on the disk.
func (w *workspace) build(ctx context.Context, m machine, ch change, flags ...string) (*sample, error) {
	return w.with(ch, func() (*sample, error) {
		if err := exec.CommandContext(ctx, "sync").Run(); err != nil {
			return nil, fmt.Errorf("sync: %w", err)
		}
		return m.build(ctx, request{workspace: w, version: cmp.Or(ch.version, "1.0.0"), flags: flags})
	})
}
