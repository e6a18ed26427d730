package pages

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestDB(t *testing.T) {
	ctx := t.Context()
	db, err := Open(ctx, ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Get(ctx, "home"); !errors.Is(err, ErrNone) {
		t.Errorf("got %v, want ErrNone", err)
	}
	first, err := db.Save(ctx, Page{Name: "home", Text: "hello", Saved: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	second := first
	second.Text = "goodbye"
	if second, err = db.Save(ctx, second); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Save(ctx, first); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if got, err := db.Get(ctx, "home"); err != nil || got != second {
		t.Errorf("got %+v, %v, want %+v", got, err, second)
	}
	for words, want := range map[string][]string{"": {"home"}, "hello": nil, "GOOD": {"home"}, "Home": {"home"}} {
		if got, err := db.Names(ctx, words); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %q, %v, want %q", words, got, err, want)
		}
	}
}
