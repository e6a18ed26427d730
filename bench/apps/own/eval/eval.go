// Package eval gives the values of expressions.
package eval

import (
	"errors"
	"fmt"

	"example.com/own/ast"
	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/token"
	"example.com/own/value"
)

// Eval gives the value of n. Its errors are of type *token.Error.
func Eval(n ast.Node, known facts.Facts, table functions.Table) (value.Value, error) {
	return evaluator{known, table}.eval(n)
}

type evaluator struct {
	facts     facts.Facts
	functions functions.Table
}

func (e evaluator) eval(n ast.Node) (value.Value, error) {
	switch n := n.(type) {
	case *ast.Literal:
		return n.Value, nil
	case *ast.Path:
		return e.facts.Get(n.Name), nil
	case *ast.List:
		items, err := e.all(n.Items)
		return value.List(items), err
	case *ast.Unary:
		return e.unary(n)
	case *ast.Binary:
		return e.binary(n)
	case *ast.Call:
		return e.call(n)
	}
	return nil, token.Errorf(n.Pos(), "no value for %T", n)
}

func (e evaluator) all(nodes []ast.Node) ([]value.Value, error) {
	values := make([]value.Value, len(nodes))
	for i, n := range nodes {
		v, err := e.eval(n)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

func (e evaluator) unary(n *ast.Unary) (value.Value, error) {
	v, err := e.eval(n.Operand)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case value.Bool:
		if n.Operator == "not" {
			return !v, nil
		}
	case value.Number:
		if n.Operator == "-" {
			return -v, nil
		}
	}
	return nil, token.Errorf(n.At, "no %s of %s", n.Operator, v.Kind())
}

func (e evaluator) binary(n *ast.Binary) (value.Value, error) {
	left, err := e.eval(n.Left)
	if err != nil {
		return nil, err
	}
	if decided, ok := left.(value.Bool); ok {
		if n.Operator == "and" && !bool(decided) || n.Operator == "or" && bool(decided) {
			return decided, nil
		}
	}
	right, err := e.eval(n.Right)
	if err != nil {
		return nil, err
	}
	v, err := apply(n.Operator, left, right)
	if err != nil {
		return nil, token.Errorf(n.At, "%v", err)
	}
	return v, nil
}

func (e evaluator) call(n *ast.Call) (value.Value, error) {
	f, ok := e.functions[n.Name]
	if !ok {
		return nil, token.Errorf(n.At, "no function %s", n.Name)
	}
	args, err := e.all(n.Args)
	if err != nil {
		return nil, err
	}
	v, err := f.Call(args)
	if err != nil {
		return nil, token.Errorf(n.At, "%v", err)
	}
	return v, nil
}

func apply(operator string, left, right value.Value) (value.Value, error) {
	switch operator {
	case "and", "or":
		l, lok := left.(value.Bool)
		r, rok := right.(value.Bool)
		if lok && rok {
			return value.Bool(operator == "and" && bool(l && r) || operator == "or" && bool(l || r)), nil
		}
	case "==":
		return value.Bool(value.Equal(left, right)), nil
	case "!=":
		return value.Bool(!value.Equal(left, right)), nil
	case "<", "<=", ">", ">=":
		return compare(operator, left, right)
	case "in":
		if list, ok := right.(value.List); ok {
			return contains(list, left), nil
		}
	case "+", "-", "*", "/":
		return arithmetic(operator, left, right)
	}
	return nil, unfit(operator, left, right)
}

func unfit(operator string, left, right value.Value) error {
	return fmt.Errorf("no %s between %s and %s", operator, left.Kind(), right.Kind())
}

func compare(operator string, left, right value.Value) (value.Value, error) {
	order, err := value.Compare(left, right)
	if err != nil {
		return nil, err
	}
	switch operator {
	case "<":
		return value.Bool(order < 0), nil
	case "<=":
		return value.Bool(order <= 0), nil
	case ">":
		return value.Bool(order > 0), nil
	}
	return value.Bool(order >= 0), nil
}

func contains(list value.List, v value.Value) value.Bool {
	for _, item := range list {
		if value.Equal(item, v) {
			return true
		}
	}
	return false
}

func arithmetic(operator string, left, right value.Value) (value.Value, error) {
	if l, ok := left.(value.Text); ok && operator == "+" {
		if r, ok := right.(value.Text); ok {
			return l + r, nil
		}
	}
	l, lok := left.(value.Number)
	r, rok := right.(value.Number)
	if !lok || !rok {
		return nil, unfit(operator, left, right)
	}
	switch operator {
	case "+":
		return l + r, nil
	case "-":
		return l - r, nil
	case "*":
		return l * r, nil
	}
	if r == 0 {
		return nil, errors.New("division by 0")
	}
	return l / r, nil
}
