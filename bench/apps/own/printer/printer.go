// Package printer makes source of trees.
package printer

import (
	"strings"

	"example.com/own/ast"
	"example.com/own/parser"
)

// Print gives the source of n, with no more parentheses than it takes.
func Print(n ast.Node) string {
	var b strings.Builder
	print(&b, n, 0)
	return b.String()
}

// print writes n, in parentheses if it binds less than an operator of that precedence.
func print(b *strings.Builder, n ast.Node, outer int) {
	switch n := n.(type) {
	case *ast.Literal:
		b.WriteString(n.Value.String())
	case *ast.Path:
		b.WriteString(n.Name)
	case *ast.List:
		b.WriteByte('[')
		sequence(b, n.Items)
		b.WriteByte(']')
	case *ast.Call:
		b.WriteString(n.Name + "(")
		sequence(b, n.Args)
		b.WriteByte(')')
	case *ast.Unary:
		unary(b, n, outer)
	case *ast.Binary:
		level := parser.Precedence(n.Operator)
		parentheses(b, level < outer, func() {
			print(b, n.Left, level)
			b.WriteString(" " + n.Operator + " ")
			print(b, n.Right, level+1)
		})
	}
}

func unary(b *strings.Builder, n *ast.Unary, outer int) {
	if n.Operator == "-" {
		b.WriteByte('-')
		print(b, n.Operand, parser.Precedence("*")+1)
		return
	}
	level := parser.Precedence("==")
	parentheses(b, level < outer, func() {
		b.WriteString("not ")
		print(b, n.Operand, level)
	})
}

func parentheses(b *strings.Builder, needed bool, inner func()) {
	if needed {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	inner()
}

func sequence(b *strings.Builder, items []ast.Node) {
	for i, item := range items {
		if i > 0 {
			b.WriteString(", ")
		}
		print(b, item, 0)
	}
}
