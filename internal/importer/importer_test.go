package importer_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/importer"
	"github.com/acme/xbuild/spec"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the wanted files anew")

// own are the files of a folder of testdata that are no input.
var own = []string{"mains", "want.yaml", "want.txt"}

// input reads a folder of testdata. Its file mains holds the path of the module, and a line
// for each main package: its name and directory.
func input(t *testing.T, dir string) importer.Input {
	t.Helper()
	in := importer.Input{Context: os.DirFS(dir)}
	if data, err := os.ReadFile(filepath.Join(dir, "mains")); err == nil {
		words := strings.Fields(string(data))
		in.Module = words[0]
		for pair := range slices.Chunk(words[1:], 2) {
			in.Mains = append(in.Mains, importer.Main{Name: pair[0], Dir: pair[1]})
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() || slices.Contains(own, e.Name()) {
			continue
		}
		in.File = e.Name()
		if in.Data, err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
		return in
	}
	t.Fatalf("%s holds no input", dir)
	return in
}

// golden compares with a wanted file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestImport holds for each folder of testdata which spec comes of its file, and what is said
// of it.
func TestImport(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*-*")
	if err != nil || len(dirs) < 10 {
		t.Fatalf("%d folders in testdata, %v", len(dirs), err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			in := input(t, dir)
			r, err := importer.Import(in)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := spec.Parse("xbuild.yaml", r.Spec); err != nil {
				t.Errorf("what comes of it is no spec: %v\n%s", err, r.Spec)
			}
			var report strings.Builder
			for _, n := range r.Notes {
				report.WriteString(n.Format(in.File) + "\n")
			}
			golden(t, filepath.Join(dir, "want.yaml"), string(r.Spec))
			golden(t, filepath.Join(dir, "want.txt"), report.String())
		})
	}
}
