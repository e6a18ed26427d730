package lab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// State is what a contestant's machine knows of the program before a build is timed.
type State int

const (
	Cold     State = iota // nothing: an empty daemon, empty caches
	Warm                  // it has built the program as it was before the change
	Fresh                 // an empty daemon, which imports what a warm one exported to a registry
	Export                // as Warm: the first build that exports a cache, less one that doesn't
	Restored              // of go build: empty caches, into which an archive of a warm machine's is unpacked, which is timed too
	Alone                 // a fleet that has built the program, but for an empty daemon that joined it and has the last platform now
	Joined                // as Alone; it imports what the fleet exported to a registry
)

// Sample times a contestant's build of the changed program on a machine in the given state.
func (l *Lab) Sample(ctx context.Context, st State, contestant string, p *Program, ch Change) (*Sample, error) {
	w, err := l.workspace(contestant, p)
	if err != nil {
		return nil, err
	}
	if contestant == GoBuild && st == Fresh {
		st = Warm
	}
	switch st {
	case Cold:
		return w.buildCold(ctx, ch)
	case Warm:
		if err := w.buildBase(ctx); err != nil {
			return nil, err
		}
		return w.build(ctx, w.contestant.warm, ch)
	case Fresh:
		if w.contestant.host {
			return w.buildFresh(ctx, ch)
		}
		if err := l.export(ctx, w); err != nil {
			return nil, err
		}
		return w.buildFresh(ctx, ch, w.freshFlags(l)...)
	case Export:
		err := l.export(ctx, w)
		return w.exported, err
	case Restored:
		return l.buildRestored(ctx, w, ch)
	case Alone:
		if err := w.buildBase(ctx); err != nil {
			return nil, err
		}
		return w.buildLate(ctx, l, ch)
	case Joined:
		if err := l.export(ctx, w); err != nil {
			return nil, err
		}
		return w.buildLate(ctx, l, ch, w.freshFlags(l)...)
	default:
		return nil, fmt.Errorf("no machine for state %d", st)
	}
}

// BuildOn times a contestant's build of the changed program on a daemon of the caller's, with further flags of "buildx build".
func (l *Lab) BuildOn(ctx context.Context, d *Daemon, contestant string, p *Program, ch Change, flags ...string) (*Sample, error) {
	w, err := l.workspace(contestant, p)
	if err != nil {
		return nil, err
	}
	return w.build(ctx, d, ch, flags...)
}

// freshFlags import what a warm machine exported.
func (w *workspace) freshFlags(l *Lab) []string {
	return []string{"--cache-from", "type=registry,ref=" + l.Registry.Ref(w.cache)}
}

// buildCold builds on a machine that knows nothing, which becomes the contestant's warm one if it
// has none.
func (w *workspace) buildCold(ctx context.Context, ch Change) (*Sample, error) {
	if w.contestant.warm != nil {
		return w.buildFresh(ctx, ch)
	}
	m, err := w.contestant.start(ctx)
	if err != nil {
		return nil, err
	}
	s, err := w.build(ctx, m, ch)
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	w.contestant.warm, w.built = m, len(ch.Files) == 0
	return s, nil
}

// buildFresh builds on a machine that knows nothing and is closed after.
func (w *workspace) buildFresh(ctx context.Context, ch Change, flags ...string) (s *Sample, err error) {
	m, err := w.contestant.start(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	return w.build(ctx, m, ch, flags...)
}

// buildRestored builds on an empty machine that begins with the saved caches.
func (l *Lab) buildRestored(ctx context.Context, w *workspace, ch Change) (s *Sample, err error) {
	if w.contestant.name != GoBuild {
		return nil, fmt.Errorf("the machine of %s has no caches to save", w.contestant.name)
	}
	if err := l.saveCaches(ctx, w); err != nil {
		return nil, err
	}
	h, err := l.NewHost()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return w.build(ctx, restored{h, w.saved}, ch)
}

// saveCaches has a machine build the unchanged program and nothing else, and saves its caches, once.
func (l *Lab) saveCaches(ctx context.Context, w *workspace) (err error) {
	if w.saved != "" {
		return nil
	}
	h, err := l.NewHost()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if _, err := w.build(ctx, h, Change{}); err != nil {
		return err
	}
	file := w.dir + ".tar.gz"
	if err := h.save(ctx, file); err != nil {
		return err
	}
	w.saved = file
	return nil
}

// buildBase has the warm machine build the unchanged program, once.
func (w *workspace) buildBase(ctx context.Context) error {
	if w.built {
		return nil
	}
	if w.contestant.warm == nil {
		_, err := w.buildCold(ctx, Change{})
		return err
	}
	_, err := w.build(ctx, w.contestant.warm, Change{})
	w.built = err == nil
	return err
}

// export has the warm machine export the cache of the unchanged program, once, and xbuild's seeds too.
func (l *Lab) export(ctx context.Context, w *workspace) error {
	if w.exported != nil {
		return nil
	}
	if err := w.buildBase(ctx); err != nil {
		return err
	}
	without, err := w.build(ctx, w.contestant.warm, Change{})
	if err != nil {
		return err
	}
	with, err := w.build(ctx, w.contestant.warm, Change{},
		"--cache-to", "type=registry,mode=max,compression=zstd,ref="+l.Registry.Ref(w.cache))
	if err != nil {
		return err
	}
	if with.Cache, err = cacheBlobs(ctx, l.Registry, w.cache); err != nil {
		return err
	}
	if d, ok := w.contestant.warm.(*Daemon); ok && w.contestant.name == XBuild {
		seed := l.seed(w.Program)
		for target, ref := range map[string]string{"deps": seed, "own": seed + "-own"} {
			pushed, err := d.Build(ctx, "--file", filepath.Join(w.dir, w.Spec), "--target", target, "--platform", strings.Join(w.Platforms, ","),
				"--provenance=false", "--output", "type=image,push=true,compression=zstd,oci-mediatypes=true,name="+ref, w.dir)
			if err != nil {
				return err
			}
			with.Took += pushed.Took
		}
	}
	with.Took -= without.Took
	w.exported = with
	return nil
}

// build times one build, after what earlier ones wrote is on the disk.
func (w *workspace) build(ctx context.Context, m machine, ch Change, flags ...string) (*Sample, error) {
	return w.with(ch, func() (*Sample, error) {
		if err := sync(ctx); err != nil {
			return nil, err
		}
		r := request{workspace: w, version: cmp.Or(ch.Version, "1.0.0"), flags: flags}
		s, err := m.build(ctx, r)
		if err != nil {
			return nil, err
		}
		return s, m.look(ctx, r, s)
	})
}

// sync waits until what was written is on the disk, so that nobody pays for another's.
func sync(ctx context.Context) error {
	if err := exec.CommandContext(ctx, "sync").Run(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}
