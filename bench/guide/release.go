package guide

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/suite"
)

const (
	goDefault = "go build"
	goRelease = "go build, release flags"
)

// release is exercise 3.
func release() suite.Experiment {
	own := amd64(lab.Own)
	goes := []string{goDefault, goRelease, lab.XBuild}
	third := &suite.Guide{Text: "12 MB → 8 MB", Ratio: 1.5}
	return suite.Experiment{
		Suite: "guide", Name: "release", Title: "3. Release flags: smaller and reproducible binaries",
		About: `One binary for linux/amd64 of [bench/apps/own](../bench/apps/own), and that of [bench/apps/web](../bench/apps/web), built with the defaults
of go build, with the release flags (` + "`-trimpath -buildvcs=false -ldflags=\"-s -w\"`" + `), and by xbuild, whose spec names none. The last two are the same, bit for bit. For the rows below, the source is
copied to two folders and built in both, by xbuild with two daemons that share nothing; a path of the builder is an absolute one that ends in main.go.
The cost: a stripped binary has no DWARF, so a debugger has little to show.`,
		Columns: []string{goDefault, goRelease, lab.XBuild, lab.Dockerfile},
		Setup:   10 * time.Second,
		Compare: suite.Compare{Old: goDefault, New: lab.XBuild},
		Rows: []suite.Row{
			{Name: "size of own", Unit: "MB", Once: true, Estimate: 12 * time.Second, Only: goes, Start: cells(own.size), Guide: third},
			{Name: "size of web", Unit: "MB", Once: true, Estimate: 100 * time.Second, Only: goes, Start: cells(amd64(lab.Web).size), Guide: third},
			{Name: "the same binary from two folders", Once: true, Estimate: 15 * time.Second, Only: goes, Start: cells(own.identical)},
			{Name: "a path of the builder in it", Once: true, Estimate: 3 * time.Second, Only: goes, Start: cells(own.paths),
				Guide: &suite.Guide{Text: "yes → no"}},
			{Name: "the same image from two daemons", Once: true, Estimate: 25 * time.Second, Only: []string{lab.XBuild, lab.Dockerfile}, Start: cells(own.images)},
		},
	}
}

// released is a program whose binary for linux/amd64 is looked at.
type released struct{ program }

func amd64(name string) released {
	return released{once(func(ctx context.Context, l *lab.Lab) (*lab.Program, error) {
		p, err := l.Program(ctx, name)
		if err != nil {
			return nil, err
		}
		return p.On(name+"-amd64", "linux/amd64"), nil
	})}
}

func (r released) size(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	p, err := r.program(ctx, l)
	if err != nil {
		return m, err
	}
	switch column {
	case goDefault:
		_, binary, err := build(ctx, l, p, column)
		return megabytes(int64(len(binary))), err
	case goRelease:
		column = lab.GoBuild
	}
	s, err := l.Sample(ctx, lab.Warm, column, p, lab.Change{})
	if err != nil {
		return m, err
	}
	m = megabytes(s.Size)
	m.Binaries = s.Binaries
	return m, nil
}

func (r released) identical(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	p, err := r.program(ctx, l)
	if err != nil {
		return m, err
	}
	if column == lab.XBuild {
		one, two, err := twoDaemons(ctx, l, column, p)
		if err != nil {
			return m, err
		}
		return yesNo(maps.Equal(one.Binaries, two.Binaries)), nil
	}
	_, one, err := build(ctx, l, p, column)
	if err != nil {
		return m, err
	}
	_, two, err := build(ctx, l, p, column)
	return yesNo(bytes.Equal(one, two)), err
}

func (r released) images(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	p, err := r.program(ctx, l)
	if err != nil {
		return m, err
	}
	one, two, err := twoDaemons(ctx, l, column, p)
	if err != nil {
		return m, err
	}
	return yesNo(one.Digest == two.Digest), nil
}

// twoDaemons builds a program in two folders, with a daemon that may know it and with one that knows nothing.
func twoDaemons(ctx context.Context, l *lab.Lab, contestant string, p *lab.Program) (one, two *lab.Sample, err error) {
	if one, err = l.Sample(ctx, lab.Warm, contestant, p, lab.Change{}); err != nil {
		return nil, nil, err
	}
	two, err = l.Sample(ctx, lab.Cold, contestant, p.On(p.Name+"-again", p.Platforms...), lab.Change{})
	return one, two, err
}

func (r released) paths(ctx context.Context, l *lab.Lab, column string) (m suite.Measured, err error) {
	p, err := r.program(ctx, l)
	if err != nil {
		return m, err
	}
	if column == lab.XBuild {
		found, err := pathsOfXBuild(ctx, l, p)
		return yesNo(found), err
	}
	dir, binary, err := build(ctx, l, p, column)
	if err != nil {
		return m, err
	}
	found := hasPath(binary)
	if folder := bytes.Contains(binary, []byte(dir)); folder != found {
		return m, fmt.Errorf("a path is found in the binary: %t, that of its folder: %t", found, folder)
	}
	return yesNo(found), nil
}

func pathsOfXBuild(ctx context.Context, l *lab.Lab, p *lab.Program) (found bool, err error) {
	d, err := l.Daemon(ctx, lab.XBuild)
	if err != nil {
		return false, err
	}
	_, out, err := export(ctx, l, d, p.Dir, p.Spec, p.Platforms[0])
	if err != nil {
		return false, err
	}
	return found, fs.WalkDir(os.DirFS(out), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		binary, err := os.ReadFile(filepath.Join(out, name))
		found = found || hasPath(binary)
		return err
	})
}

// export builds the binaries of a spec into a new folder.
func export(ctx context.Context, l *lab.Lab, d *lab.Daemon, dir, spec, platform string, flags ...string) (s *lab.Sample, out string, err error) {
	if out, err = os.MkdirTemp(l.Temp, "guide-"); err != nil {
		return nil, "", err
	}
	args := append([]string{"--platform", platform, "--target", "binaries", "--file", filepath.Join(dir, spec), "--output", "type=local,dest=" + out}, flags...)
	s, err = d.Build(ctx, append(args, dir)...)
	return s, out, err
}

// hasPath reports whether a binary has an absolute path that ends in main.go.
func hasPath(binary []byte) bool {
	return regexp.MustCompile(`(?:^|[^\w./-])/[\w./-]*/main\.go`).Match(binary)
}

// build has go build a program in a folder of its own.
func build(ctx context.Context, l *lab.Lab, p *lab.Program, column string) (dir string, binary []byte, err error) {
	if dir, err = copied(l, p, lab.Change{}); err != nil {
		return "", nil, err
	}
	h, err := l.Host(ctx)
	if err != nil {
		return "", nil, err
	}
	args := []string{"build", "-modcacherw", "-o", "binary"}
	if column == goRelease {
		args = append(args, releaseFlags()...)
	}
	if err := h.Go(ctx, dir, p.Platforms[0], nil, append(args, p.Mains[0])...); err != nil {
		return "", nil, err
	}
	binary, err = os.ReadFile(filepath.Join(dir, "binary"))
	return dir, binary, err
}

func releaseFlags() []string { return []string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w"} }
