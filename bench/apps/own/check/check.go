// Package check finds mistakes in expressions before they are evaluated.
package check

import (
	"errors"

	"example.com/own/ast"
	"example.com/own/functions"
	"example.com/own/nearest"
	"example.com/own/token"
	"example.com/own/value"
	"example.com/own/walk"
)

// Check gives all mistakes in n that do not depend on facts: unknown functions, and calls that never fit.
func Check(n ast.Node, table functions.Table) error {
	var errs []error
	walk.All(n, func(n ast.Node) {
		if c, ok := n.(*ast.Call); ok {
			if err := call(c, table); err != nil {
				errs = append(errs, err)
			}
		}
	})
	return errors.Join(errs...)
}

func call(c *ast.Call, table functions.Table) error {
	f, ok := table[c.Name]
	if !ok {
		if name := nearest.Name(c.Name, table); name != "" {
			return token.Errorf(c.At, "no function %s (did you mean %s?)", c.Name, name)
		}
		return token.Errorf(c.At, "no function %s", c.Name)
	}
	if len(c.Args) != len(f.Params) {
		return token.Errorf(c.At, "%s takes %d arguments, not %d", f.Name, len(f.Params), len(c.Args))
	}
	for i, arg := range c.Args {
		got, want := kind(arg, table), f.Params[i]
		if got != value.KindAny && want != value.KindAny && got != want {
			return token.Errorf(arg.Pos(), "%s: argument %d is %s, not %s", f.Name, i+1, got, want)
		}
	}
	return nil
}

// kind gives the kind of the value of n, as far as it is known without facts; else KindAny.
func kind(n ast.Node, table functions.Table) value.Kind {
	switch n := n.(type) {
	case *ast.Literal:
		return n.Value.Kind()
	case *ast.List:
		return value.KindList
	case *ast.Call:
		if f, ok := table[n.Name]; ok {
			return f.Result
		}
	}
	return value.KindAny
}
