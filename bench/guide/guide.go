// Package guide measures the exercises of the optimisation guide that xbuild implements, each before and after.
package guide

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
)

// Experiments are the exercises in the guide's order.
func Experiments() []suite.Experiment {
	return []suite.Experiment{parallel(), persistent(), release(), cgo(), registry(), changed(), levels()}
}

// host is the platform of what is built to be run, or only looked at.
const host = "linux/" + runtime.GOARCH

// program loads a program when it is first asked for. Edits of it are counted on.
type program = suite.Load

func once(load program) program {
	var p *lab.Program
	return func(ctx context.Context, l *lab.Lab) (_ *lab.Program, err error) {
		if p == nil {
			p, err = load(ctx, l)
		}
		return p, err
	}
}

// testdata loads a program of this package.
func testdata(name string) program {
	return once(func(ctx context.Context, l *lab.Lab) (*lab.Program, error) {
		p, err := lab.Load(ctx, name, folder(l.Root, name))
		if err != nil {
			return nil, err
		}
		return p.On(name, host), nil
	})
}

func folder(root, name string) string {
	return filepath.Join(root, "bench", "guide", "testdata", name)
}

// cells is a Start that prepares nothing.
func cells(measure func(ctx context.Context, l *lab.Lab, column string) (suite.Measured, error)) suite.Start {
	return func(_ context.Context, l *lab.Lab, _ int) (suite.Measure, error) {
		return func(ctx context.Context, column string) (suite.Measured, error) { return measure(ctx, l, column) }, nil
	}
}

// perPlatform are programs of one platform each, in the order of p's.
func perPlatform(p *lab.Program) (singles []*lab.Program) {
	for _, platform := range p.Platforms {
		singles = append(singles, p.On(p.Name+"-"+strings.ReplaceAll(platform, "/", "-"), platform))
	}
	return singles
}

// inTurn builds programs one after another, and gives the sum.
func inTurn(ctx context.Context, l *lab.Lab, st lab.State, contestant string, programs []*lab.Program, ch lab.Change) (*lab.Sample, error) {
	sum := &lab.Sample{Binaries: map[string]string{}}
	for _, p := range programs {
		s, err := l.Sample(ctx, st, contestant, p, ch)
		if err != nil {
			return nil, err
		}
		sum.Took += s.Took
		sum.CPU += s.CPU
		sum.Size += s.Size
		for name, binary := range s.Binaries {
			sum.Binaries[name] = binary
		}
	}
	return sum, nil
}

// builds counts the steps in which a binary was compiled or linked. Those that compile the standard library and other
// modules are none.
func builds(steps []result.Step) (n int) {
	binary := regexp.MustCompile(`\] (compile|link|RUN .*"go", "build".*)$`)
	shared := regexp.MustCompile(`^\[(std|deps) `)
	for _, name := range lab.Ran(steps) {
		if binary.MatchString(name) && !shared.MatchString(name) {
			n++
		}
	}
	return n
}

// copied is a folder of the lab with a program in it, changed.
func copied(l *lab.Lab, p *lab.Program, ch lab.Change) (string, error) {
	dir, err := os.MkdirTemp(l.Temp, "guide-")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(p.Dir)); err != nil {
		return "", err
	}
	for name, content := range ch.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}

func number(n float64) suite.Measured { return suite.Measured{Value: result.Value{Number: n}} }

func megabytes(bytes int64) suite.Measured { return number(float64(bytes) / 1e6) }

func text(s string) suite.Measured { return suite.Measured{Value: result.Value{Text: s}} }

func yesNo(yes bool) suite.Measured {
	if yes {
		return text("yes")
	}
	return text("no")
}
