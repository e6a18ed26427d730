// Command rules applies a file of rules to the facts on its standard input.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"example.com/own/engine"
	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/report"
	"example.com/own/ruleset"
)

func main() {
	path := flag.String("rules", "rules.yaml", "file of rules")
	explain := flag.Bool("explain", false, "print which rule set what, not the facts")
	list := flag.Bool("functions", false, "print the functions, and do nothing else")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *path, *explain, *list); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, path string, explain, list bool) error {
	table, err := functions.Standard()
	if err != nil {
		return err
	}
	if list {
		return report.Functions(out, table)
	}
	rules, err := ruleset.Load(path, table)
	if err != nil {
		return err
	}
	known, err := facts.Read(in)
	if err != nil {
		return fmt.Errorf("facts: %w", err)
	}
	found, steps, err := engine.New(rules, table).Run(known)
	if err != nil {
		return err
	}
	if explain {
		return report.Trace(out, steps)
	}
	return report.Facts(out, found)
}
