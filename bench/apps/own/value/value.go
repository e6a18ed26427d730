// Package value is what expressions are about.
package value

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is the kind of a value.
type Kind string

const (
	KindAny     Kind = "any" // of a parameter that takes each kind; no value has it
	KindNothing Kind = "nothing"
	KindBool    Kind = "bool"
	KindNumber  Kind = "number"
	KindText    Kind = "text"
	KindTime    Kind = "time"
	KindList    Kind = "list"
)

// Value is one of Nothing, Bool, Number, Text, Time and List.
type Value interface {
	Kind() Kind
	fmt.Stringer // as in the source of an expression
}

type (
	Nothing struct{} // what is not there
	Bool    bool
	Number  float64
	Text    string
	Time    struct{ time.Time }
	List    []Value
)

func (Nothing) Kind() Kind { return KindNothing }
func (Bool) Kind() Kind    { return KindBool }
func (Number) Kind() Kind  { return KindNumber }
func (Text) Kind() Kind    { return KindText }
func (Time) Kind() Kind    { return KindTime }
func (List) Kind() Kind    { return KindList }

func (Nothing) String() string  { return "nothing" }
func (b Bool) String() string   { return strconv.FormatBool(bool(b)) }
func (n Number) String() string { return strconv.FormatFloat(float64(n), 'f', -1, 64) }
func (s Text) String() string   { return strconv.Quote(string(s)) }
func (t Time) String() string   { return `time(` + strconv.Quote(t.Format(time.RFC3339)) + `)` }

func (l List) String() string {
	parts := make([]string, len(l))
	for i, v := range l {
		parts[i] = v.String()
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// KindOf gives the kind of the values of a type; KindAny for Value itself.
func KindOf[V Value]() Kind {
	var v V
	if any(v) == nil {
		return KindAny
	}
	return v.Kind()
}
