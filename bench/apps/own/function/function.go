// Package function is how functions of the language are written in Go.
package function

import (
	"fmt"

	"example.com/own/value"
)

// Function is one function of the language.
type Function struct {
	Name   string
	Params []value.Kind
	Result value.Kind
	Doc    string // what it gives, in a few words
	call   func(args []value.Value) (value.Value, error)
}

// Call checks the arguments and calls the function.
func (f Function) Call(args []value.Value) (value.Value, error) {
	if len(args) != len(f.Params) {
		return nil, fmt.Errorf("%s takes %d arguments, not %d", f.Name, len(f.Params), len(args))
	}
	for i, want := range f.Params {
		if got := args[i].Kind(); want != value.KindAny && want != got {
			return nil, fmt.Errorf("%s: argument %d is %s, not %s", f.Name, i+1, got, want)
		}
	}
	v, err := f.call(args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return v, nil
}

// One makes a function of one parameter.
func One[A, R value.Value](name, doc string, f func(A) (R, error)) Function {
	return Function{name, []value.Kind{value.KindOf[A]()}, value.KindOf[R](), doc, func(args []value.Value) (value.Value, error) {
		return f(args[0].(A))
	}}
}

// Two makes a function of two parameters.
func Two[A, B, R value.Value](name, doc string, f func(A, B) (R, error)) Function {
	params := []value.Kind{value.KindOf[A](), value.KindOf[B]()}
	return Function{name, params, value.KindOf[R](), doc, func(args []value.Value) (value.Value, error) {
		return f(args[0].(A), args[1].(B))
	}}
}

// Three makes a function of three parameters.
func Three[A, B, C, R value.Value](name, doc string, f func(A, B, C) (R, error)) Function {
	params := []value.Kind{value.KindOf[A](), value.KindOf[B](), value.KindOf[C]()}
	return Function{name, params, value.KindOf[R](), doc, func(args []value.Value) (value.Value, error) {
		return f(args[0].(A), args[1].(B), args[2].(C))
	}}
}

// Items gives a list of items of one kind. It fails at the first of another.
func Items[V value.Value](l value.List) ([]V, error) {
	items := make([]V, len(l))
	for i, v := range l {
		item, ok := v.(V)
		if !ok {
			return nil, fmt.Errorf("item %d is %s, not %s", i+1, v.Kind(), value.KindOf[V]())
		}
		items[i] = item
	}
	return items, nil
}
