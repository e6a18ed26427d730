// Package parser makes trees of source.
package parser

import (
	"strconv"

	"example.com/own/ast"
	"example.com/own/lexer"
	"example.com/own/token"
	"example.com/own/value"
)

// Precedence gives how strongly a binary operator binds; 0 is none.
func Precedence(operator string) int { return levels[operator] }

var levels = map[string]int{
	"or": 1, "and": 2,
	"==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3,
	"+": 4, "-": 4, "*": 5, "/": 5,
}

var constants = map[string]value.Value{"true": value.Bool(true), "false": value.Bool(false), "nothing": value.Nothing{}}

// Parse reads a whole expression. Its errors are of type *token.Error.
func Parse(source string) (ast.Node, error) {
	tokens, err := lexer.Tokens(source)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	n, err := p.binary(1)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.Kind != token.End {
		return nil, token.Errorf(t.Pos, "%q is not expected here", t.Text)
	}
	return n, nil
}

type parser struct {
	tokens []token.Token
	pos    int
}

func (p *parser) peek() token.Token { return p.tokens[p.pos] }

func (p *parser) next() token.Token {
	t := p.tokens[p.pos]
	if t.Kind != token.End {
		p.pos++
	}
	return t
}

// accept takes the next token if it is of that kind.
func (p *parser) accept(kind token.Kind) bool {
	if p.peek().Kind != kind {
		return false
	}
	p.next()
	return true
}

// binary reads operands with operators of that precedence or a higher one between them.
func (p *parser) binary(lowest int) (ast.Node, error) {
	left, err := p.unary()
	if err != nil {
		return nil, err
	}
	for {
		t := p.peek()
		level := levels[t.Text]
		if t.Kind != token.Operator || level < lowest {
			return left, nil
		}
		p.next()
		right, err := p.binary(level + 1)
		if err != nil {
			return nil, err
		}
		left = &ast.Binary{At: t.Pos, Operator: t.Text, Left: left, Right: right}
	}
}

func (p *parser) unary() (ast.Node, error) {
	t := p.next()
	switch t.Kind {
	case token.Operator:
		if t.Text != "not" && t.Text != "-" {
			break
		}
		operand, err := p.operand(t.Text)
		return &ast.Unary{At: t.Pos, Operator: t.Text, Operand: operand}, err
	case token.Number:
		f, err := strconv.ParseFloat(t.Text, 64)
		if err != nil {
			return nil, token.Errorf(t.Pos, "%s is not a number", t.Text)
		}
		return &ast.Literal{At: t.Pos, Value: value.Number(f)}, nil
	case token.Text:
		return &ast.Literal{At: t.Pos, Value: value.Text(t.Text)}, nil
	case token.Name:
		return p.name(t)
	case token.OpenList:
		items, err := p.sequence(token.CloseList, "]")
		return &ast.List{At: t.Pos, Items: items}, err
	case token.Open:
		n, err := p.binary(1)
		if err == nil && !p.accept(token.Close) {
			err = token.Errorf(p.peek().Pos, "a ) is missing")
		}
		return n, err
	case token.End:
		return nil, token.Errorf(t.Pos, "the expression ends too early")
	}
	return nil, token.Errorf(t.Pos, "%q is not expected here", t.Text)
}

// operand reads what follows a unary operator: "not" takes a comparison, "-" a single thing.
func (p *parser) operand(operator string) (ast.Node, error) {
	if operator == "not" {
		return p.binary(levels["=="])
	}
	return p.unary()
}

// name reads what begins with a name: a constant, a call or a path.
func (p *parser) name(t token.Token) (ast.Node, error) {
	if v, ok := constants[t.Text]; ok {
		return &ast.Literal{At: t.Pos, Value: v}, nil
	}
	if p.accept(token.Open) {
		args, err := p.sequence(token.Close, ")")
		return &ast.Call{At: t.Pos, Name: t.Text, Args: args}, err
	}
	path := t.Text
	for p.accept(token.Dot) {
		part := p.next()
		if part.Kind != token.Name {
			return nil, token.Errorf(part.Pos, "a name is missing after the dot")
		}
		path += "." + part.Text
	}
	return &ast.Path{At: t.Pos, Name: path}, nil
}

// sequence reads expressions with commas between them up to the closing token.
func (p *parser) sequence(closing token.Kind, mark string) ([]ast.Node, error) {
	var items []ast.Node
	for !p.accept(closing) {
		if len(items) > 0 && !p.accept(token.Comma) {
			return nil, token.Errorf(p.peek().Pos, "a , or %s is missing", mark)
		}
		item, err := p.binary(1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
