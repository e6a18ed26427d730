package flags

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

func TestSet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "flags.toml")
	if err := os.WriteFile(path, []byte("[fuzzy]\npercent = 30\nusers = ['ann']\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	on := 0
	for i := range 1000 {
		if s.On("fuzzy", strconv.Itoa(i)) {
			on++
		}
	}
	if on < 200 || on > 400 {
		t.Errorf("on for %d of 1000, want about 300", on)
	}
	if !s.On("fuzzy", "ann") || s.On("other", "ann") {
		t.Error("ann has what she is named for, and nothing else")
	}
}
