package grow

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/internal/localkit"
)

// pipelines are what CI does with a program, by contestant and program: each is run once, several tables show it.
type pipelines struct {
	done    map[string]*pipeline
	changes map[string]map[string]lab.Change // by program and name
}

// pipeline is a build on a machine that knows nothing, which pushes the image and exports the cache, and builds on other
// such machines that import it.
type pipeline struct {
	peak     memory // of the first build
	binaries map[string]string
	traffic  map[string]localkit.Traffic // by build
}

// Builds of a pipeline.
const (
	coldBuild = "cold"
	editBuild = "one file edited, fresh"
	docsBuild = "docs edited, fresh"
)

// run gives what a contestant's pipeline took. Of programs other than [lab.Web] it is the cold build alone.
func (p *pipelines) run(ctx context.Context, l *lab.Lab, contestant, program string) (*pipeline, error) {
	key := contestant + " " + program
	if got := p.done[key]; got != nil {
		return got, nil
	}
	of, err := l.Program(ctx, program)
	if err != nil {
		return nil, err
	}
	changes, err := p.changesOf(ctx, of)
	if err != nil {
		return nil, err
	}
	registry, err := localkit.NewRegistry(filepath.Join(l.Temp, "pipelines", strings.ReplaceAll(key, " ", "-")))
	if err != nil {
		return nil, err
	}
	defer registry.Close()
	r := runner{l, contestant, of, registry, &pipeline{traffic: map[string]localkit.Traffic{}}}
	if err := r.cold(ctx); err != nil {
		return nil, err
	}
	for build, ch := range changes {
		if err := r.fresh(ctx, build, ch); err != nil {
			return nil, err
		}
	}
	if p.done == nil {
		p.done = map[string]*pipeline{}
	}
	p.done[key] = r.got
	return r.got, nil
}

// changesOf are the changes of the fresh builds, the same for all contestants.
func (p *pipelines) changesOf(ctx context.Context, of *lab.Program) (changes map[string]lab.Change, err error) {
	if got := p.changes[of.Name]; got != nil {
		return got, nil
	}
	changes = map[string]lab.Change{}
	if of.Name == lab.Web {
		if changes[docsBuild], err = lab.EditDocs(ctx, of, 0); err != nil {
			return nil, err
		}
		if changes[editBuild], err = lab.EditSource(ctx, of, 0); err != nil {
			return nil, err
		}
	}
	if p.changes == nil {
		p.changes = map[string]map[string]lab.Change{}
	}
	p.changes[of.Name] = changes
	return changes, nil
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
	return r.on(ctx, func(d *lab.Daemon) (err error) {
		stop := watch("/proc", d.PID())
		defer func() { r.got.peak = stop() }()
		s, err := r.lab.BuildOn(ctx, d, r.contestant, r.program, lab.Change{}, "--cache-to", r.cache()+",mode=max,compression=zstd")
		if err == nil {
			r.got.traffic[coldBuild], r.got.binaries = s.Traffic, s.Binaries
		}
		return err
	})
}

func (r runner) fresh(ctx context.Context, build string, ch lab.Change) error {
	return r.on(ctx, func(d *lab.Daemon) error {
		s, err := r.lab.BuildOn(ctx, d, r.contestant, r.program, ch, "--cache-from", r.cache())
		if err == nil {
			r.got.traffic[build] = s.Traffic
		}
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
