// Command eval prints the value of an expression, with the facts on its standard input if -facts is given.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"example.com/own/check"
	"example.com/own/eval"
	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/parser"
	"example.com/own/value"
)

func main() {
	read := flag.Bool("facts", false, "read facts from standard input")
	flag.Parse()
	in := io.Reader(strings.NewReader("{}"))
	if *read {
		in = os.Stdin
	}
	v, err := run(in, strings.Join(flag.Args(), " "))
	if err != nil {
		fmt.Fprintln(os.Stderr, "eval:", err)
		os.Exit(1)
	}
	fmt.Println(v)
}

func run(in io.Reader, source string) (value.Value, error) {
	table, err := functions.Standard()
	if err != nil {
		return nil, err
	}
	known, err := facts.Read(in)
	if err != nil {
		return nil, fmt.Errorf("facts: %w", err)
	}
	n, err := parser.Parse(source)
	if err != nil {
		return nil, err
	}
	if err := check.Check(n, table); err != nil {
		return nil, err
	}
	return eval.Eval(n, known, table)
}
