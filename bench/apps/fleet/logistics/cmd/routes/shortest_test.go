package main

import (
	"slices"
	"testing"
)

func TestShortest(t *testing.T) {
	roads := map[string][]road{
		"a": {{"a", "c", 9}, {"a", "b", 2}},
		"b": {{"b", "c", 3}, {"b", "a", 2}},
	}
	leaving := func(place string) []road { return roads[place] }
	r, err := shortest("a"+separator+"c", leaving)
	if err != nil || r.Km != 5 || !slices.Equal(r.Places, []string{"a", "b", "c"}) {
		t.Errorf("got %v, %v", r, err)
	}
	if _, err := shortest("c"+separator+"a", leaving); err == nil {
		t.Error("there is a way back")
	}
}
