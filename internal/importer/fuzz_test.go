package importer_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/acme/xbuild/internal/importer"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
)

// fuzz imports any text as a file of a kind: it does not panic, and what comes of it parses, has
// no template that can't be filled in, and is said in lines that don't move a terminal's cursor.
func fuzz(f *testing.F, kind importer.Kind, pattern string, seeds ...string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		f.Fatal(pattern, err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, s := range seeds {
		f.Add(s)
	}
	mains := []importer.Main{{Name: "shop", Dir: "cmd/shop"}, {Name: "x", Dir: "."}}
	context := fstest.MapFS{"Dockerfile": {Data: []byte("FROM scratch\nCOPY shop /\n")}, "web/a.html": {}}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := importer.Import(importer.Input{File: "file", Kind: kind, Data: []byte(text), Module: "example.com/shop", Mains: mains, Context: context})
		if err != nil {
			if strings.Contains(err.Error(), "what was imported is no spec") {
				t.Fatal(err)
			}
			return
		}
		s, err := spec.Parse("xbuild.yaml", r.Spec)
		if err != nil {
			t.Fatalf("%v\n%s", err, r.Spec)
		}
		for _, n := range r.Notes {
			if line := n.Format("file"); strings.ContainsAny(line, "\n\r\x1b") {
				t.Fatalf("more than a line: %q", line)
			}
		}
		_, err = plan.New(s, factsOf(s), plan.Request{})
		if err != nil && strings.Contains(err.Error(), "bad-template") {
			t.Fatalf("%v\n%s", err, r.Spec)
		}
		again, err := importer.Import(importer.Input{File: "file", Kind: kind, Data: []byte(text), Module: "example.com/shop", Mains: mains, Context: context})
		if err != nil || string(again.Spec) != string(r.Spec) {
			t.Fatalf("another time it is another spec, %v", err)
		}
	})
}

func FuzzKo(f *testing.F) {
	fuzz(f, importer.Ko, "testdata/ko-*/.ko.yaml", "builds: &a [*a]", "<<: {builds: [{main: .}]}", "builds: [{main: ., ldflags: ['-X a={{{.Env.X}}', \"{{`{{`}}\"]}]",
		"builds: [{id: \"\\0\", main: \"a\\nb\"}]\ndefaultBaseImage: '{{.X}}'")
}

func FuzzGoReleaser(f *testing.F) {
	fuzz(f, importer.GoReleaser, "testdata/goreleaser-*/.goreleaser.y*ml", "project_name: '{{'\nbuilds: [{binary: '{{.ProjectName}}'}]", "dockers: [{image_templates: ['a/b:c']}]",
		"env: ['A={{.B}}']\nbuilds: [{ldflags: '{{ .Env.A }}{{ \"{\" }}{{.Version}}'}]")
}

func FuzzDockerfile(f *testing.F) {
	fuzz(f, importer.Dockerfile, "testdata/dockerfile-*/*file", "FROM scratch\nLABEL a='{{'\nENV b={ c={{.Version}}", "FROM a AS b\nFROM b AS a\nRUN go build -o '$X' ./...\nCMD []",
		"ARG A=$A$A\nFROM $A\nARG A=$A$A\nENV B=$A$B\nUSER $B", "FROM golang\nRUN go build `x $(y` \"$(z)\" ${q:-{{} -ldflags '-X a={'$TARGETARCH'}' .\nENTRYPOINT [\"{{\"]", "FROM x\nCOPY --from=x / /\nHEALTHCHECK NONE")
}

// factsOf are the facts of a source that has all that a spec names.
func factsOf(s *spec.Spec) *scan.Facts {
	facts := &scan.Facts{Modules: []scan.Module{{Dir: ".", Path: "example.com/shop", Go: "1.26"}}, Mains: []scan.Main{{Dir: ".", Module: "."}}}
	for _, b := range s.Binaries {
		facts.Mains = append(facts.Mains, scan.Main{Dir: path.Clean(b.Main), Module: "."})
	}
	return facts
}
