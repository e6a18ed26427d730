package diag_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/diag"
)

func TestError(t *testing.T) {
	pos := diag.Pos{File: "Dockerfile", Line: 7, Col: 3}
	for _, tt := range []struct {
		err  diag.Error
		want string
	}{
		{
			diag.Error{Pos: pos, Rule: "unknown-key", Msg: `unknown key "platfroms"`, Hint: "platforms"},
			`Dockerfile:7:3: unknown key "platfroms" (did you mean "platforms"?) [unknown-key]`,
		},
		{diag.Error{Pos: pos, Rule: "r", Msg: "m"}, "Dockerfile:7:3: m [r]"},
		{diag.Error{Pos: diag.Pos{File: "x.yaml"}, Rule: "r", Msg: "m"}, "x.yaml: m [r]"},
		{diag.Error{Rule: "r", Msg: "m"}, "spec: m [r]"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
}

func TestList(t *testing.T) {
	var l diag.List
	if l.Err() != nil {
		t.Errorf("an empty list is the error %v", l.Err())
	}
	at := func(line, col int) diag.Pos { return diag.Pos{File: "f", Line: line, Col: col} }
	l.Add(at(2, 1), "r", "third")
	l.AddHint(at(1, 9), "r", "x", "%s", "second")
	l.Add(at(2, 1), "r", "fourth")
	l.Add(at(1, 2), "r", "first")
	want := strings.Join([]string{
		"f:1:2: first [r]",
		`f:1:9: second (did you mean "x"?) [r]`,
		"f:2:1: third [r]",
		"f:2:1: fourth [r]",
	}, "\n")
	if got := l.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var list diag.List
	if !errors.As(l.Err(), &list) || list[0].Msg != "first" {
		t.Errorf("Err is not the list in file order: %v", list)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"name", "platforms", "go", "build", "linux/arm", "linux/arm64", "from", "to", "Shop", "größe"}
	for _, tt := range []struct{ word, want string }{
		{"platfroms", "platforms"},
		{"plattform", "platforms"},
		{"Name", "name"},
		{"shop", "Shop"},
		{"linux/arm46", "linux/arm64"},
		{"linux/amr", "linux/arm"},
		{"form", "from"},
		{"too", "to"},
		{"grösse", "größe"},
		{"built", "build"},
		{"g", ""},
		{"x", ""},
		{"", ""},
		{"test", ""},
		{"kubernetes", ""},
		{strings.Repeat("name", 10_000), ""},
	} {
		if got := diag.Nearest(tt.word, words); got != tt.want {
			t.Errorf("Nearest(%.20q) = %q, want %q", tt.word, got, tt.want)
		}
	}
	if got := diag.Nearest("nam", slices.Repeat(words, 100)); got != "" {
		t.Errorf("among a thousand words Nearest finds %q", got)
	}
}
