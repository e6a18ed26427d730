// Package fold computes what does not depend on facts.
package fold

import (
	"example.com/own/ast"
	"example.com/own/eval"
	"example.com/own/facts"
	"example.com/own/functions"
	"example.com/own/walk"
)

// Fold gives a tree with the same values as n, in which each part that reads no fact is a literal. A part that has
// no value stays, and fails when it is evaluated.
func Fold(n ast.Node, table functions.Table) ast.Node {
	if len(walk.Paths(n)) == 0 {
		if v, err := eval.Eval(n, facts.Facts{}, table); err == nil {
			return &ast.Literal{At: n.Pos(), Value: v}
		}
	}
	switch n := n.(type) {
	case *ast.List:
		return &ast.List{At: n.At, Items: all(n.Items, table)}
	case *ast.Unary:
		return &ast.Unary{At: n.At, Operator: n.Operator, Operand: Fold(n.Operand, table)}
	case *ast.Binary:
		return &ast.Binary{At: n.At, Operator: n.Operator, Left: Fold(n.Left, table), Right: Fold(n.Right, table)}
	case *ast.Call:
		return &ast.Call{At: n.At, Name: n.Name, Args: all(n.Args, table)}
	}
	return n
}

func all(nodes []ast.Node, table functions.Table) []ast.Node {
	folded := make([]ast.Node, len(nodes))
	for i, n := range nodes {
		folded[i] = Fold(n, table)
	}
	return folded
}
