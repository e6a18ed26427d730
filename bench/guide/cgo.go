package guide

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const (
	goCgo     = "go build, cgo"
	goPure    = "go build, no cgo"
	xbuildCgo = "xbuild, cgo: true"
)

// debian is the toolchain image that has a C library, and runs what needs one.
const debian = "golang:1.26"

// cgo is exercise 4.
func cgo() suite.Experiment {
	c := &resolver{program: testdata("resolve"), files: map[string]string{}}
	link := &suite.Guide{Text: "1.2 s → 0.3 s", Ratio: 4}
	return suite.Experiment{
		Suite: "guide", Name: "cgo", Title: "4. Pure Go over cgo",
		About: `A program that looks up a host name, [testdata/resolve](guide/testdata/resolve), for this machine's architecture. With cgo one function of it is
C; without, it is Go. **Link** is a go build that finds all compiled, or the link step of xbuild after a new version stamp. The images of the toolchain are the ones that
xbuild pulled, compressed: here they are made of this machine's Go and Debian's packages, and the small one has no system at all. A program
runs on scratch when it does so as a step of a build; the resolver is what ` + "`GODEBUG=netdns=1`" + ` says on an image with a C library.`,
		Columns: []string{goCgo, goPure, xbuildCgo, lab.XBuild},
		Setup:   35 * time.Second,
		Compare: suite.Compare{Old: xbuildCgo, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "link", Estimate: 6 * time.Second, Start: c.link, Guide: link,
				Why: "A link of xbuild is a container with the caches of what is linked; that part is alike with cgo and without."},
			{Name: "toolchain image", Unit: "MB", Once: true, Estimate: 5 * time.Second, Only: []string{xbuildCgo, lab.XBuild}, Start: cells(c.toolchain)},
			{Name: "needs a C compiler", Once: true, Estimate: 3 * time.Second, Only: []string{goCgo, goPure}, Start: cells(c.compiler), Guide: &suite.Guide{Text: "yes → no"}},
			{Name: "runs on scratch", Once: true, Estimate: 5 * time.Second, Start: cells(c.scratch), Guide: &suite.Guide{Text: "no → yes"}},
			{Name: "resolver", Once: true, Estimate: 5 * time.Second, Start: cells(c.resolver), Guide: &suite.Guide{Text: "the C library's → Go's"}},
		},
	}
}

// resolver is the program with cgo and without.
type resolver struct {
	program
	stamps int               // versions built so far
	files  map[string]string // what was built, by column
}

// env turns cgo on for a column of go build, or off.
func env(column string, more ...string) []string {
	if column == goCgo {
		return append(more, "CGO_ENABLED=1")
	}
	return append(more, "CGO_ENABLED=0")
}

// goBuild builds into file.
func (c *resolver) goBuild(ctx context.Context, l *lab.Lab, file string, env []string) (time.Duration, error) {
	p, err := c.program(ctx, l)
	if err != nil {
		return 0, err
	}
	h, err := l.Host(ctx)
	if err != nil {
		return 0, err
	}
	args := append(append([]string{"build", "-modcacherw", "-o", file}, releaseFlags()...), p.Mains[0])
	start := time.Now()
	err = h.Go(ctx, p.Dir, host, env, args...)
	return time.Since(start), err
}

// xbuild builds a new version, and gives the file and how long the link took.
func (c *resolver) xbuild(ctx context.Context, l *lab.Lab, column string) (file string, link time.Duration, err error) {
	p, err := c.program(ctx, l)
	if err != nil {
		return "", 0, err
	}
	s, out, err := c.build(ctx, l, p, column)
	if err != nil {
		return "", 0, err
	}
	for _, step := range s.Steps {
		if strings.HasSuffix(step.Name, "] link") && !step.Cached {
			link += step.End - step.Start
		}
	}
	return filepath.Join(out, "resolve"), link, nil
}

func (c *resolver) build(ctx context.Context, l *lab.Lab, p *lab.Program, column string) (*lab.Sample, string, error) {
	spec := p.Spec
	if column == xbuildCgo {
		spec = "cgo.yaml"
		if err := l.Kit().PublishDebianToolchain(ctx); err != nil {
			return nil, "", err
		}
	}
	d, err := l.Daemon(ctx, lab.XBuild)
	if err != nil {
		return nil, "", err
	}
	c.stamps++
	return export(ctx, l, d, p.Dir, spec, host, "--build-arg", fmt.Sprintf("VERSION=1.0.%d", c.stamps))
}

func (c *resolver) link(_ context.Context, l *lab.Lab, _ int) (suite.Measure, error) {
	return func(ctx context.Context, column string) (m suite.Measured, err error) {
		file, err := c.binary(ctx, l, column) // so that all is compiled
		if err != nil {
			return m, err
		}
		var took time.Duration
		switch column {
		case goCgo, goPure:
			if err := os.Remove(file); err != nil {
				return m, err
			}
			took, err = c.goBuild(ctx, l, file, env(column))
		default:
			if _, took, err = c.xbuild(ctx, l, column); err == nil && took == 0 {
				err = fmt.Errorf("%s: no link step ran", column)
			}
		}
		return number(took.Seconds()), err
	}, nil
}

// binary is the program of a column, built once.
func (c *resolver) binary(ctx context.Context, l *lab.Lab, column string) (file string, err error) {
	if c.files[column] != "" {
		return c.files[column], nil
	}
	switch column {
	case goCgo, goPure:
		dir, err := os.MkdirTemp(l.Temp, "guide-")
		if err != nil {
			return "", err
		}
		file = filepath.Join(dir, "resolve")
		if _, err := c.goBuild(ctx, l, file, env(column)); err != nil {
			return "", err
		}
	default:
		if file, _, err = c.xbuild(ctx, l, column); err != nil {
			return "", err
		}
	}
	c.files[column] = file
	return file, nil
}

// toolchain is the size of the toolchain image that the build says it took, as the registry has it.
func (c *resolver) toolchain(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	p, err := c.program(ctx, l)
	if err != nil {
		return m, err
	}
	s, _, err := c.build(ctx, l, p, column)
	if err != nil {
		return m, err
	}
	var repo string
	for _, step := range s.Steps {
		if found := regexp.MustCompile(`docker\.io/(library/golang:[^@\s]+)@`).FindStringSubmatch(step.Name); found != nil {
			repo = found[1]
		}
	}
	if repo == "" {
		return m, fmt.Errorf("%s: no step has a toolchain image", column)
	}
	size, err := imageSize(ctx, l, repo)
	return megabytes(size), err
}

func imageSize(ctx context.Context, l *lab.Lab, repo string) (size int64, err error) {
	platform, err := v1.ParsePlatform(host)
	if err != nil {
		return 0, err
	}
	img, err := l.Registry.Image(ctx, repo, *platform)
	if err != nil {
		return 0, err
	}
	manifest, err := img.Manifest()
	if err != nil {
		return 0, err
	}
	for _, layer := range manifest.Layers {
		size += layer.Size
	}
	return size, nil
}

// compiler builds with a C compiler that isn't there.
func (c *resolver) compiler(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	const missing = "no-such-compiler"
	_, err = c.goBuild(ctx, l, os.DevNull, env(column, "CC="+missing))
	if err != nil && !strings.Contains(err.Error(), missing) {
		return m, err
	}
	return yesNo(err != nil), nil
}

func (c *resolver) scratch(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	_, err = c.run(ctx, l, column, "scratch")
	if err != nil && !strings.Contains(err.Error(), "no such file or directory") { // the loader that it asks for
		return m, err
	}
	return yesNo(err == nil), nil
}

func (c *resolver) resolver(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	if err := l.Kit().PublishDebianToolchain(ctx); err != nil {
		return m, err
	}
	said, err := c.run(ctx, l, column, debian)
	if err != nil {
		return m, err
	}
	name, err := resolverIn(said)
	return text(name), err
}

// resolverIn finds what package net says of its resolver.
func resolverIn(said string) (string, error) {
	found := regexp.MustCompile(`go package net: (.*resolver.*)`).FindStringSubmatch(said)
	if found == nil {
		return "", fmt.Errorf("the program said nothing of a resolver: %s", said)
	}
	return strings.TrimSpace(found[1]), nil
}

// run runs the program of a column as a step on a base image, and gives what was said.
func (c *resolver) run(ctx context.Context, l *lab.Lab, column, base string) (string, error) {
	file, err := c.binary(ctx, l, column)
	if err != nil {
		return "", err
	}
	d, err := l.Daemon(ctx, lab.XBuild)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(l.Temp, "guide-")
	if err != nil {
		return "", err
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "program"), program, 0o755); err != nil {
		return "", err
	}
	dockerfile := "FROM " + base + "\nCOPY program /program\nENV GODEBUG=netdns=1\nRUN [\"/program\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		return "", err
	}
	s, err := d.Build(ctx, "--no-cache", "--platform", host, "--output", "type=cacheonly", dir)
	if err != nil {
		return "", err
	}
	return s.Said, nil
}
