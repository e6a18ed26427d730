package gostep

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestDropUnused holds that folders go that nobody has used for days, and that a use counts.
func TestDropUnused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "indexes")
	now := time.Now()
	use := func(name string, days int) {
		t.Helper()
		if err := dropUnused(dir, filepath.Join(dir, name), now.Add(time.Duration(days)*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	use("old", 0)
	use("kept", 0)
	use("kept", 4)
	use("new", 7)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if !slices.Equal(names, []string{"kept", "new"}) {
		t.Errorf("left are %q", names)
	}
}
