package value

import (
	"cmp"
	"fmt"
	"slices"
)

// Equal reports whether a and b are the same. Values of different kinds never are.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case List:
		b, ok := b.(List)
		return ok && slices.EqualFunc(a, b, Equal)
	case Time:
		b, ok := b.(Time)
		return ok && a.Time.Equal(b.Time)
	}
	if b.Kind() == KindList || b.Kind() == KindTime {
		return false
	}
	return a == b
}

// Compare orders numbers, texts and times. It fails for other kinds and for different ones.
func Compare(a, b Value) (int, error) {
	switch a := a.(type) {
	case Number:
		if b, ok := b.(Number); ok {
			return cmp.Compare(a, b), nil
		}
	case Text:
		if b, ok := b.(Text); ok {
			return cmp.Compare(a, b), nil
		}
	case Time:
		if b, ok := b.(Time); ok {
			return a.Time.Compare(b.Time), nil
		}
	}
	return 0, fmt.Errorf("%s and %s have no order", a.Kind(), b.Kind())
}
