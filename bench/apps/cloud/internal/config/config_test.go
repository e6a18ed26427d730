package config

import (
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	c, err := Parse([]byte("cluster: west\nbucket: {name: inventory}\ninterval: 5m\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Interval.Duration != 5*time.Minute || c.Listen != ":8080" {
		t.Errorf("got %+v", c)
	}
}

func TestParseMistakes(t *testing.T) {
	for data, want := range map[string]string{
		"bucket: {name: b}\n": "cluster is missing",
		"cluster: west\n":     "bucket.name is missing",
		"cluster: west\nbucket: {name: b}\nlisten: here\n":  "listen",
		"cluster: west\nbucket: {name: b}\ninterval: 1ms\n": "below a second",
		"clutser: west\n": "unknown field",
	} {
		if _, err := Parse([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", data, err, want)
		}
	}
}
