// Package ast is the tree of an expression.
package ast

import (
	"example.com/own/token"
	"example.com/own/value"
)

// Node is one of Literal, Path, List, Unary, Binary and Call.
type Node interface {
	Pos() token.Pos
	node()
}

type (
	// Literal is a value in the source.
	Literal struct {
		At    token.Pos
		Value value.Value
	}

	// Path is the name of a fact, as in order.total.
	Path struct {
		At   token.Pos
		Name string
	}

	// List is a list of expressions.
	List struct {
		At    token.Pos
		Items []Node
	}

	// Unary is "not" or "-" before an expression.
	Unary struct {
		At       token.Pos
		Operator string
		Operand  Node
	}

	// Binary is an operator between two expressions.
	Binary struct {
		At          token.Pos
		Operator    string
		Left, Right Node
	}

	// Call is a function with its arguments.
	Call struct {
		At   token.Pos
		Name string
		Args []Node
	}
)

func (n *Literal) Pos() token.Pos { return n.At }
func (n *Path) Pos() token.Pos    { return n.At }
func (n *List) Pos() token.Pos    { return n.At }
func (n *Unary) Pos() token.Pos   { return n.At }
func (n *Binary) Pos() token.Pos  { return n.At }
func (n *Call) Pos() token.Pos    { return n.At }

func (*Literal) node() {}
func (*Path) node()    {}
func (*List) node()    {}
func (*Unary) node()   {}
func (*Binary) node()  {}
func (*Call) node()    {}
