package grow

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/internal/localkit"
)

// pipelines are what CI does with a program, by contestant: each is run once, several tables show it.
type pipelines struct {
	done    map[string]*pipeline
	changes map[string]lab.Change // by build
}

// pipeline is a build on a machine that knows nothing, which pushes the image and exports the cache, and builds on other
// such machines that import it.
type pipeline struct {
	peak   memory // of the first build
	builds map[string]*lab.Sample
}

// Builds of a pipeline.
const (
	coldBuild = "cold"
	editBuild = "one file edited, fresh"
	docsBuild = "docs edited, fresh"
)

// run gives what a contestant's pipeline took with [lab.Web].
func (p *pipelines) run(ctx context.Context, l *lab.Lab, contestant string) (*pipeline, error) {
	if got := p.done[contestant]; got != nil {
		return got, nil
	}
	program, err := l.Program(ctx, lab.Web)
	if err != nil {
		return nil, err
	}
	if err := p.change(ctx, program); err != nil {
		return nil, err
	}
	registry, err := localkit.NewRegistry(filepath.Join(l.Temp, "pipelines", contestant))
	if err != nil {
		return nil, err
	}
	defer registry.Close()
	r := runner{l, contestant, program, registry, &pipeline{builds: map[string]*lab.Sample{}}}
	if err := r.cold(ctx); err != nil {
		return nil, err
	}
	for build, ch := range p.changes {
		if err := r.fresh(ctx, build, ch); err != nil {
			return nil, err
		}
	}
	if p.done == nil {
		p.done = map[string]*pipeline{}
	}
	p.done[contestant] = r.got
	return r.got, nil
}

// change makes the changes of the fresh builds, once for all contestants.
func (p *pipelines) change(ctx context.Context, program *lab.Program) error {
	if p.changes != nil {
		return nil
	}
	source, err := lab.EditSource(ctx, program, 0)
	if err != nil {
		return err
	}
	docs, err := lab.EditDocs(ctx, program, 0)
	if err != nil {
		return err
	}
	p.changes = map[string]lab.Change{editBuild: source, docsBuild: docs}
	return nil
}

// runner runs one pipeline.
type runner struct {
	lab        *lab.Lab
	contestant string
	program    *lab.Program
	registry   *localkit.Registry // of the image and the cache
	got        *pipeline
}

func (r runner) cache() string { return "type=registry,ref=" + r.registry.Ref("cache") }

// cold watches the daemon's processes meanwhile.
func (r runner) cold(ctx context.Context) error {
	return r.on(ctx, func(d *lab.Daemon) error {
		stop := watch("/proc", d.PID())
		s, err := r.lab.BuildOn(ctx, d, r.contestant, r.program, lab.Change{}, "--cache-to", r.cache()+",mode=max,compression=zstd")
		r.got.peak = stop()
		if err != nil {
			return err
		}
		for _, role := range roles() {
			if r.got.peak[role] == 0 {
				return fmt.Errorf("no process was seen: %s", role)
			}
		}
		r.got.builds[coldBuild] = s
		return nil
	})
}

func (r runner) fresh(ctx context.Context, build string, ch lab.Change) error {
	return r.on(ctx, func(d *lab.Daemon) (err error) {
		r.got.builds[build], err = r.lab.BuildOn(ctx, d, r.contestant, r.program, ch, "--cache-from", r.cache())
		return err
	})
}

// on gives do a machine that knows nothing, and ends it.
func (r runner) on(ctx context.Context, do func(d *lab.Daemon) error) (err error) {
	d, err := r.lab.NewDaemon(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	d.PushTo(r.registry)
	return do(d)
}
