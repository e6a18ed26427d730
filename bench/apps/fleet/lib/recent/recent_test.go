package recent

import (
	"errors"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	loads := 0
	c := New(2, time.Hour, func(key string) (int, error) {
		loads++
		if key == "" {
			return 0, errors.New("no key")
		}
		return len(key), nil
	})
	for _, key := range []string{"a", "bb", "a", "", ""} {
		if got, err := c.Get(key); got != len(key) || (err != nil) != (key == "") {
			t.Errorf("%q: got %d, %v", key, got, err)
		}
	}
	if loads != 4 {
		t.Errorf("%d loads, want 4", loads)
	}
}
