package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/acme/xbuild/internal/localkit"
)

// bench runs scenarios.
type bench struct {
	options
	log         io.Writer
	temp        string
	registry    *localkit.Registry
	contestants []*contestant
	programs    map[string]*program
}

// newBench makes a registry and the frontend image in it. What it made is gone after Close.
func newBench(ctx context.Context, root string, o options) (*bench, error) {
	b := &bench{options: o, log: os.Stderr, programs: map[string]*program{}}
	err := b.prepare(ctx, root)
	if err != nil {
		err = errors.Join(err, b.Close())
	}
	return b, err
}

func (b *bench) prepare(ctx context.Context, root string) (err error) {
	if b.temp, err = os.MkdirTemp("", "xbuild-bench-"); err != nil {
		return err
	}
	if b.registry, err = localkit.NewRegistry(filepath.Join(b.temp, "registry")); err != nil {
		return err
	}
	cache, err := localkit.CacheDir()
	if err != nil {
		return err
	}
	k, err := localkit.Start(ctx, localkit.Options{
		State: filepath.Join(cache, "kits", "bench"), Registry: b.registry, Log: b.log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	if _, err := k.PushFrontend(ctx, root); err != nil {
		return err
	}
	shell, err := k.PublishBusyBoxToolchain(ctx)
	if err != nil {
		return err
	}
	b.contestants = slices.DeleteFunc(contestants(newDaemon(b.registry), newHost(b.temp), shell),
		func(c *contestant) bool { return !b.with.MatchString(c.name) })
	return nil
}

// complete reports whether every contestant takes part.
func (b *bench) complete() bool { return len(b.contestants) == len(contestants(nil, nil, "")) }

// Close ends the daemons and removes all caches.
func (b *bench) Close() error {
	var errs []error
	for _, c := range b.contestants {
		if c.warm != nil {
			errs = append(errs, c.warm.Close())
		}
	}
	if b.registry != nil {
		errs = append(errs, b.registry.Close())
	}
	return errors.Join(append(errs, os.RemoveAll(b.temp))...)
}

// program loads a program once.
func (b *bench) program(ctx context.Context, name string) (p *program, err error) {
	if p := b.programs[name]; p != nil {
		return p, nil
	}
	first := func(all []listed) []listed { return all[:min(1, len(all))] }
	every := func(all []listed) []listed { return all }
	switch name {
	case app, stamped:
		p, err = load(ctx, name, b.app, first)
	case fleet:
		p, err = load(ctx, name, b.fleet, every)
	case fleetOne:
		of, err := b.program(ctx, fleet)
		if err != nil {
			return nil, err
		}
		p, err = load(ctx, name, b.fleet, of.firstUse)
		if err != nil {
			return nil, err
		}
		p.source = of.source
	}
	if err != nil {
		return nil, err
	}
	if name == fleet {
		p.target = "binaries"
	}
	p.stamped, p.bump = name == stamped, b.bump
	b.programs[name] = p
	return p, nil
}
