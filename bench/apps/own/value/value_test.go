package value

import (
	"testing"
	"time"
)

func TestEqual(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{Number(1), Number(1), true},
		{Number(1), Text("1"), false},
		{Text("a"), List{Text("a")}, false},
		{List{Text("a"), Number(2)}, List{Text("a"), Number(2)}, true},
		{Time{noon}, Time{noon.In(time.FixedZone("", 3600))}, true},
		{Nothing{}, Nothing{}, true},
	} {
		if Equal(c.a, c.b) != c.want || Equal(c.b, c.a) != c.want {
			t.Errorf("%s and %s: want %t", c.a, c.b, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	if got, err := Compare(Text("a"), Text("b")); got != -1 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	if _, err := Compare(Text("a"), Number(1)); err == nil {
		t.Error("a text and a number have an order")
	}
}
