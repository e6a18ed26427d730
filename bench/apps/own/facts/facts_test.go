package facts

import (
	"slices"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	f, err := Read(strings.NewReader(`{"order": {"total": 12.5, "tags": ["a", true]}, "note": null}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"note", "order.tags", "order.total"}; !slices.Equal(f.Names(), want) {
		t.Errorf("got %q, want %q", f.Names(), want)
	}
	if got := f.Get("order.tags").String(); got != `["a", true]` {
		t.Errorf("got %s", got)
	}
	if _, err := Read(strings.NewReader(`{"list": [{}]}`)); err == nil {
		t.Error("an object in a list is a value")
	}
}
