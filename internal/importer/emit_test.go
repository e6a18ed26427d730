package importer

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var sameSpec = cmp.Options{cmpopts.IgnoreUnexported(spec.Spec{}), cmpopts.EquateEmpty()}

// TestEmit holds that a spec that is written and read again is the same.
func TestEmit(t *testing.T) {
	specs := map[string]*spec.Spec{"hostile": hostileSpec()}
	for _, pattern := range []string{"../../examples/*/xbuild.yaml", "../../examples/*/Dockerfile", "../../bench/apps/*/xbuild.yaml", "../../spec/testdata/*/*.yaml", "../../xbuild.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if s, err := spec.Parse(file, data); err == nil {
				specs[file] = s
			}
		}
	}
	if len(specs) < 8 {
		t.Errorf("only %d specs", len(specs))
	}
	for name, want := range specs {
		text, err := emit(want, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := spec.Parse("xbuild.yaml", text)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		} else if diff := cmp.Diff(want, got, sameSpec); diff != "" {
			t.Errorf("%s (-want +got):\n%s\n%s", name, diff, text)
		}
	}
}

// hostileSpec has text that YAML could take for something else.
func hostileSpec() *spec.Spec {
	no := false
	s := &spec.Spec{
		Args:     map[string]string{"A": "", "B": "null", "C": "<<", "D": "x: y # z", "E": "\u2028\u0085\ufeff\x01", "F": "- a", "G": "---", "Y": "*a", "Z": "1e3"},
		Binaries: map[string]spec.Binary{"null": {Main: "./true"}, "1": {Main: "./a\"b'c"}, "yes": {Main: "./~", Build: spec.Build{CGo: &spec.CGo{}}}},
		Images: map[string]spec.Image{"on": {
			Binaries: []spec.ImageBinary{{Name: "1"}, {Name: "yes", Path: "/<<"}}, Certs: &no, Entrypoint: []string{"/1", "", "\n", "\x1b", "{{.Version}}"},
			Base:   spec.Base{"linux": "alpine", "": "debian"},
			Labels: map[string]string{"<<": "a", "~": "b", "=": "=", "a: b": "c", "? x": "!tag", "&a": "%"},
		}},
	}
	return s
}
