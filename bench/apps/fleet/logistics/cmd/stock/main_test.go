package main

import (
	"maps"
	"testing"
)

func TestApply(t *testing.T) {
	var c counts
	for _, m := range []move{
		{To: "north", Count: 5},
		{From: "north", To: "south", Count: 2},
		{From: "south", Count: 1},
	} {
		var err error
		if c, err = c.apply(m); err != nil {
			t.Fatal(err)
		}
	}
	if want := (counts{"north": 3, "south": 1}); !maps.Equal(c, want) {
		t.Errorf("got %v, want %v", c, want)
	}
	if _, err := c.apply(move{From: "south", Count: 2}); err == nil {
		t.Error("sold more than there is")
	}
}
