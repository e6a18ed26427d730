package main

import "testing"

func TestParse(t *testing.T) {
	countries, err := parse(table)
	if err != nil {
		t.Fatal(err)
	}
	if got := countries["FR"]; got.Standard.String() != "20" || got.Reduced.String() != "5.5" {
		t.Errorf("got %v", got)
	}
}
