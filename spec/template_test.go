package spec_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/acme/xbuild/spec"
)

func TestOnlyFills(t *testing.T) {
	for text, want := range map[string]bool{
		"plain": true, "{{.Version}}": true, "v{{ .Version }}-{{.Args.channel}}": true, "{{/* said */}}{{.Date}}": true,
		"{{if eq .OS \"linux\"}}{{.Version}}{{else}}x{{end}}": true, "{{.OS | printf \"%s\"}}": true,
		"{{if .Version}}x{{end}}": false, "{{slice .Revision 0 7}}": false, "{{.Version | printf \"%q\"}}": false, "{{with .Source}}{{.}}{{end}}": false,
		"{{range .Args}}x{{end}}": false, "{{$x := .Version}}{{$x}}": false, "{{.Dirty}}": false, "{{if .Dirty}}x{{end}}": false, "{{.Args}}": false,
		"{{.Version": false, "{{template \"x\"}}": false, "{{define \"x\"}}y{{end}}": true,
	} {
		if got := spec.OnlyFills(text, "OS", "Arch"); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
	if !spec.OnlyFills("{{if .Dirty}}x{{end}}", "Dirty") {
		t.Error("what is known may decide")
	}
}

func TestTemplates(t *testing.T) {
	s, err := spec.Parse("xbuild.yaml", []byte(`
build: {ldflags: [-X main.a=b, "-X main.v={{.Version}}"]}
binaries:
  b: {main: ., overrides: [{platform: linux/arm64, env: {A: "{{.Arch}}"}}]}
images:
  b: {labels: {l: "{{.Revision}}"}, healthcheck: {test: [CMD, x]}}
`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, tmpl := range s.Templates() {
		got = append(got, fmt.Sprint(tmpl.Path, " ", tmpl.Text, " ", s.Pos(tmpl.Path...)))
	}
	want := []string{
		`[build ldflags 1] -X main.v={{.Version}} xbuild.yaml:2:32`,
		`[binaries b overrides 0 env A] {{.Arch}} xbuild.yaml:4:61`,
		`[images b labels l] {{.Revision}} xbuild.yaml:6:19`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
