// Command cache measures what caching.md's scenarios cost: with xbuild, with two hand-written
// Dockerfiles and with go build on this machine, side by side in one run. It is "make bench-cache".
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
	"regexp"
	"syscall"

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
		err = errors.New("interrupted")
		fallthrough
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench-cache:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	rows   *regexp.Regexp
	with   *regexp.Regexp
	runs   int
	app    string
	fleet  string
	bump   string
	output string
}

func parse(args []string, root string) (o options, err error) {
	f := flag.NewFlagSet("bench-cache", flag.ContinueOnError)
	rows := f.String("rows", ".", "measure the scenarios whose name matches this `regexp`")
	with := f.String("with", ".", "measure the contestants whose name matches this `regexp`")
	f.IntVar(&o.runs, "runs", 3, "measure each up to `N` times; once where it takes over 100 s")
	f.StringVar(&o.app, "app", filepath.Join(root, "bench", "apps", "cloud"), "`folder` of the program to build")
	f.StringVar(&o.fleet, "fleet", filepath.Join(root, "bench", "apps", "fleet"), "`folder` of the program of many binaries")
	f.StringVar(&o.bump, "bump", "github.com/aws/aws-sdk-go-v2/service/secretsmanager@v1.50.12,v1.50.10,v1.50.9", "`module@version,...` of the program to bump to, a version for each run")
	f.StringVar(&o.output, "o", "", "write the result to this `file` too, if all was measured")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.runs < 1 || f.NArg() > 0 {
		return o, errors.New("-runs is at least 1, and there are no arguments")
	}
	if o.app, err = filepath.Abs(o.app); err != nil {
		return o, err
	}
	if o.fleet, err = filepath.Abs(o.fleet); err != nil {
		return o, err
	}
	if o.rows, err = regexp.Compile(*rows); err != nil {
		return o, err
	}
	o.with, err = regexp.Compile(*with)
	return o, err
}

func run(ctx context.Context, out io.Writer, args []string) (err error) {
	root, err := localkit.RepositoryRoot()
	if err != nil {
		return err
	}
	o, err := parse(args, root)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, root, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	var results []*row
	var failed error
	complete := b.complete()
	for _, s := range scenarios() {
		if !o.rows.MatchString(s.name) {
			complete = false
			continue
		}
		r, err := b.measure(ctx, s)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", s.name, err)
			fmt.Fprintln(b.log, err)
			failed = errors.Join(failed, err)
			continue
		}
		results = append(results, r)
	}
	text := report(results)
	if _, err := io.WriteString(out, text); err != nil {
		return err
	}
	if failed != nil || !complete || o.output == "" {
		return failed
	}
	return os.WriteFile(o.output, []byte(text), 0o644)
}
