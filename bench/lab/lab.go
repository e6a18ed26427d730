// Package lab is what a measurement needs: contestants, each with machines of its own, programs to
// build and edits to make.
package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/acme/xbuild/internal/localkit"
)

// Lab has a registry with the frontend image, toolchain images and nothing else in it, and the contestants.
type Lab struct {
	Root     string // of the repository
	Temp     string // a folder for the lab's users, too
	Registry *localkit.Registry
	Shell    string // toolchain image that has a shell
	Log      io.Writer

	kit         *localkit.Kit // what published the images
	contestants map[string]*Contestant
	programs    map[string]*Program
	spreads     int      // builders over several daemons made so far
	states      string   // folder for those of daemons
	left        []string // folders of machines that are no more
}

// New prepares a lab. What it made is gone after Close.
func New(ctx context.Context, log io.Writer) (*Lab, error) {
	l := &Lab{Log: log, programs: map[string]*Program{}}
	if err := l.prepare(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

func (l *Lab) prepare(ctx context.Context) (err error) {
	if l.Root, err = localkit.RepositoryRoot(); err != nil {
		return err
	}
	if l.Temp, err = os.MkdirTemp("", "xbuild-bench-"); err != nil {
		return err
	}
	if l.Registry, err = localkit.NewRegistry(filepath.Join(l.Temp, "registry")); err != nil {
		return err
	}
	cache, err := localkit.CacheDir()
	if err != nil {
		return err
	}
	l.states = filepath.Join(cache, "kits")
	l.kit, err = localkit.Start(ctx, localkit.Options{State: filepath.Join(l.states, "bench"), Registry: l.Registry, Log: l.Log})
	if err != nil {
		return err
	}
	if _, err := l.kit.PushFrontend(ctx, l.Root); err != nil {
		return err
	}
	if l.Shell, err = l.kit.PublishBusyBoxToolchain(ctx); err != nil {
		return err
	}
	l.contestants = contestants(l)
	return nil
}

// Kit publishes further images in the registry.
func (l *Lab) Kit() *localkit.Kit { return l.kit }

// Close ends the daemons and removes all caches.
func (l *Lab) Close() error {
	errs := []error{l.EndWarm()}
	if l.kit != nil {
		errs = append(errs, l.kit.Close())
	}
	if l.Registry != nil {
		errs = append(errs, l.Registry.Close())
	}
	if l.Temp != "" {
		errs = append(errs, os.RemoveAll(l.Temp))
	}
	errs = append(errs, l.removeLeft())
	return errors.Join(errs...)
}

// EndWarm ends the warm machines; what they know is gone. The next build begins with new ones.
func (l *Lab) EndWarm() error {
	var errs []error
	for _, c := range l.contestants {
		if c.warm != nil {
			errs = append(errs, c.warm.Close())
		}
		c.warm, c.spaces = nil, nil
	}
	return errors.Join(errs...)
}

// Daemon is the warm machine of a contestant that builds with BuildKit, which is started where there is none.
func (l *Lab) Daemon(ctx context.Context, contestant string) (*Daemon, error) {
	m, err := l.warm(ctx, contestant)
	if err != nil {
		return nil, err
	}
	d, ok := m.(*Daemon)
	if !ok {
		return nil, fmt.Errorf("%s builds without BuildKit", contestant)
	}
	return d, nil
}

// Host is the warm machine of go build, which is made where there is none.
func (l *Lab) Host(ctx context.Context) (*Host, error) {
	m, err := l.warm(ctx, GoBuild)
	if err != nil {
		return nil, err
	}
	return m.(*Host), nil
}

func (l *Lab) warm(ctx context.Context, contestant string) (machine, error) {
	c := l.contestants[contestant]
	if c == nil {
		return nil, fmt.Errorf("no contestant is named %q", contestant)
	}
	if c.warm == nil {
		m, err := c.start(ctx)
		if err != nil {
			return nil, err
		}
		c.warm = m
	}
	return c.warm, nil
}

// workspace is the contestant's copy of a program.
func (l *Lab) workspace(contestant string, p *Program) (*workspace, error) {
	c := l.contestants[contestant]
	if c == nil {
		return nil, fmt.Errorf("no contestant is named %q", contestant)
	}
	return c.workspace(p, l.Temp)
}
