// Command bench measures what xbuild promises, beside what it is compared with, and writes the page that shows it. It is
// "make bench".
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/acme/xbuild/bench/cache"
	"github.com/acme/xbuild/bench/grow"
	"github.com/acme/xbuild/bench/guide"
	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/machines"
	"github.com/acme/xbuild/bench/page"
	"github.com/acme/xbuild/bench/quick"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/rivals"
	"github.com/acme/xbuild/bench/suite"
	"github.com/acme/xbuild/internal/localkit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Stdout, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case ctx.Err() != nil:
		err = errors.New("interrupted; the same command goes on from here")
		fallthrough
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// experiments are all there are, by suite.
func experiments() []suite.Experiment {
	return slices.Concat(
		cache.Experiments(),
		grow.Experiments(),
		guide.Experiments(),
		machines.Experiments(),
		rivals.Experiments(),
		quick.Experiments(),
	)
}

// results are what the page and the README show, by path below the root of the repository.
var results = filepath.Join("bench", "results.json")

// site is what is made of a report.
func site(report *result.Report) page.Site {
	return page.Site{Experiments: experiments(), Report: report, Headline: cache.Headline()}
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if o.page {
		return o.write()
	}
	chosen, err := o.chosen()
	if err != nil {
		return err
	}
	file := o.progress
	if file == "" {
		if file, err = progressFile(); err != nil {
			return err
		}
	}
	if o.quick {
		file += ".quick" // an interrupted run goes on as it was
	}
	if o.again {
		os.Remove(file)
	}
	report, err := result.Load(file)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	estimate(out, chosen, report, o.runs)
	if o.list {
		return nil
	}
	if err := measure(ctx, out, chosen, report, file, o.runs); err != nil {
		return err
	}
	if o.quick {
		return compare(out, report, chosen, o.output)
	}
	if err := publish(report, chosen, o.output, file); err != nil || o.output != results {
		return err
	}
	return o.write()
}

// write writes the page of the results.
func (o options) write() error {
	report, err := result.Load(o.output)
	if err != nil {
		return fmt.Errorf("%s: %w", o.output, err)
	}
	return site(report).Write(o.root)
}

// progressFile keeps what an interrupted run has measured.
func progressFile() (string, error) {
	cache, err := localkit.CacheDir()
	return filepath.Join(cache, "bench.json"), err
}

// estimate says what there is to do.
func estimate(out io.Writer, chosen []suite.Experiment, report *result.Report, runs int) {
	if len(report.Tables) > 0 {
		fmt.Fprintln(out, "An earlier run was interrupted: what it measured is kept.")
	}
	for _, e := range chosen {
		fmt.Fprintf(out, "%-9s %-12s %-60s %8s\n", e.Suite, e.Name, e.Title, suite.Remaining([]suite.Experiment{e}, report, runs))
	}
	fmt.Fprintf(out, "All of it takes about %s on two cores that do nothing else.\n", suite.Remaining(chosen, report, runs))
}

func measure(ctx context.Context, out io.Writer, chosen []suite.Experiment, report *result.Report, file string, runs int) (err error) {
	if suite.Remaining(chosen, report, runs) == 0 && complete(chosen, report) {
		return nil
	}
	l, err := lab.New(ctx, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	m, err := machine(ctx, l.Root)
	if err != nil {
		return err
	}
	r := suite.Runner{Lab: l, Machine: m, Report: report, File: file, Runs: runs, Log: out}
	return r.Run(ctx, chosen)
}

// complete reports whether every row has a result.
func complete(chosen []suite.Experiment, report *result.Report) bool {
	for _, e := range chosen {
		for _, row := range e.Rows {
			if report.Table(e.Suite, e.Name).Row(row.Name) == nil {
				return false
			}
		}
	}
	return true
}

// publish adds the chosen tables to the results, and forgets the progress.
func publish(report *result.Report, chosen []suite.Experiment, output, progress string) error {
	all, err := result.Load(output)
	if err != nil {
		return fmt.Errorf("%s: %w", output, err)
	}
	for _, e := range chosen {
		all.Put(report.Table(e.Suite, e.Name))
	}
	if err := all.Save(output); err != nil {
		return err
	}
	return os.Remove(progress)
}

// compare fails where the ratios of the results so far were better.
func compare(out io.Writer, report *result.Report, chosen []suite.Experiment, output string) error {
	was, err := result.Load(output)
	if err != nil {
		return fmt.Errorf("%s: %w", output, err)
	}
	var worse []string
	for _, e := range chosen {
		lines, err := suite.Worse(e, was.Table(e.Suite, e.Name), report.Table(e.Suite, e.Name))
		if err != nil {
			return fmt.Errorf("%s: %w", output, err)
		}
		worse = append(worse, lines...)
	}
	if len(worse) > 0 {
		return fmt.Errorf("worse by a third or more than in %s:\n\t%s", output, strings.Join(worse, "\n\t"))
	}
	fmt.Fprintf(out, "No ratio is worse by a third than in %s.\n", output)
	return nil
}
