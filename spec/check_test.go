package spec_test

import (
	"slices"
	"testing"

	"github.com/acme/xbuild/spec"
)

func TestCheck(t *testing.T) {
	for _, tt := range []struct {
		name  string
		check func(string) error
		in    string
		want  string // "": nothing is wrong
	}{
		{"image", spec.CheckImage, "alpine:3.22", ""},
		{"image", spec.CheckImage, "scratch", ""},
		{"image", spec.CheckImage, "", `"" is not an image reference: want host/name:tag or host/name@digest`},
		{"image", spec.CheckImage, "Alpine", `"Alpine" is not an image reference: repository name (library/Alpine) must be lowercase (did you mean "alpine"?)`},
		{"toolchain", spec.CheckToolchain, "golang:1.26", ""},
		{"toolchain", spec.CheckToolchain, "scratch", `"scratch" has no go command; name an image that has one`},
		{"user", spec.CheckUser, "65532:65532", ""},
		{"user", spec.CheckUser, "", `"" is not a user: a name or a number, then :group if needed, as 65532:65532`},
		{"user", spec.CheckUser, "4294967296", `"4294967296" is not a user: a name or a number, then :group if needed, as 65532:65532`},
		{"path", spec.CheckPath, "/srv/", ""},
		{"path", spec.CheckPath, "srv", `"srv" is not absolute (did you mean "/srv"?)`},
		{"path", spec.CheckPath, "", `"" is not absolute (did you mean "/"?)`},
	} {
		got := ""
		if err := tt.check(tt.in); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s %q\ngot  %s\nwant %s", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestAnnotationLevels(t *testing.T) {
	for _, tt := range []struct {
		key    string
		levels []string
		name   string
	}{
		{"a.b", []string{"manifest"}, "a.b"},
		{"index:a.b", []string{"index"}, "a.b"},
		{"index,manifest-descriptor:a:b", []string{"index", "manifest-descriptor"}, "a:b"},
	} {
		if levels, name := spec.AnnotationLevels(tt.key); !slices.Equal(levels, tt.levels) || name != tt.name {
			t.Errorf("%s is %q on %q, want %q on %q", tt.key, name, levels, tt.name, tt.levels)
		}
	}
}

func TestDest(t *testing.T) {
	for want, b := range map[string]spec.ImageBinary{
		"/usr/local/bin/shop": {Name: "shop"},
		"/bin/sh":             {Name: "shop", Path: "/bin/sh"},
	} {
		if got := b.Dest(); got != want {
			t.Errorf("%+v goes to %s, want %s", b, got, want)
		}
	}
}
