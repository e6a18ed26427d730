package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/bench/quick"
	"github.com/acme/xbuild/bench/suite"
)

// options are the flags.
type options struct {
	suites   []string // none means all
	runs     int
	output   string
	progress string // file that keeps what an interrupted run has measured
	again    bool
	list     bool
	quick    bool
	page     bool   // measure nothing
	root     string // where the page is written below
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	suites := f.String("suites", "", "measure the `suites` of this list, with commas: all when it is empty")
	f.IntVar(&o.runs, "runs", 3, "measure each row up to `N` times; once where it takes over 100 s")
	f.StringVar(&o.output, "o", results, "`file` that the results are added to, when all was measured; those of another file are not published")
	f.StringVar(&o.progress, "progress", "", "`file` that keeps what an interrupted run has measured; in the cache when it is empty")
	f.BoolVar(&o.again, "again", false, "forget what an interrupted run has measured")
	f.BoolVar(&o.list, "list", false, "show what would be measured, with estimates")
	f.BoolVar(&o.quick, "quick", false, "measure the suite quick alone, and fail where a ratio is worse by a third than in the output file")
	f.BoolVar(&o.page, "page", false, "write the page of the results, measuring nothing")
	f.StringVar(&o.root, "root", ".", "`folder` of the README.md and docs that the page is written to")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.suites = strings.FieldsFunc(*suites, func(r rune) bool { return r == ',' || r == ' ' })
	if o.quick {
		o.suites, o.again = []string{quick.Suite}, true
	}
	if o.runs < 1 || f.NArg() > 0 {
		return o, errors.New("-runs is at least 1, and there are no arguments")
	}
	return o, nil
}

// chosen are the experiments of the suites that were asked for.
func (o options) chosen() ([]suite.Experiment, error) {
	var names []string
	for _, e := range experiments() {
		names = append(names, e.Suite)
	}
	names = slices.Compact(names)
	for _, s := range o.suites {
		if !slices.Contains(names, s) {
			return nil, fmt.Errorf("no suite is named %q; there are %s", s, strings.Join(names, ", "))
		}
	}
	return slices.DeleteFunc(experiments(), func(e suite.Experiment) bool {
		return len(o.suites) > 0 && !slices.Contains(o.suites, e.Suite)
	}), nil
}
