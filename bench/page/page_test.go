package page

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/result"
	"github.com/acme/xbuild/bench/suite"
	"github.com/acme/xbuild/internal/golden"
)

const hostile = "<b>\"&'|`*_[x](y)\n# 🙂 ]]></b>"

// cell has a number of each run.
func cell(column string, numbers ...float64) *result.Cell {
	c := &result.Cell{Column: column}
	for _, n := range numbers {
		c.Values = append(c.Values, result.Value{Number: n})
	}
	return c
}

func texts(column string, texts ...string) *result.Cell {
	c := &result.Cell{Column: column}
	for _, t := range texts {
		c.Values = append(c.Values, result.Value{Text: t})
	}
	return c
}

// made is a site of two experiments that were measured and one that was not.
func made() Site {
	machine := result.Machine{Date: "2026-01-02", OS: "linux", Arch: "amd64", CPU: "Some CPU", CPUs: 2, Memory: 8 << 30, Kernel: "6.1",
		Go: "go1.26.8", BuildKit: "v0.34.0", Buildx: "v0.40.0", Commit: "abcdef0"}
	later := machine
	later.Date, later.Commit = "2026-01-03", "fedcba9+"
	steps := []result.Step{
		{Name: "[source] " + hostile, Start: 10 * time.Millisecond, End: 200 * time.Millisecond},
		{Name: "[source] narrow", Start: 200 * time.Millisecond, End: 205 * time.Millisecond},
		{Name: "[std linux/amd64] compile", Start: time.Second, End: 2500 * time.Millisecond, Cached: true, Received: 27_300_000},
	}
	edit := cell(lab.XBuild, 2.5, 2, 3)
	for i := range edit.Values {
		edit.Values[i].Steps = steps
		edit.Values[i].Checks = []result.Check{{Text: "no std", Held: i != 1}}
	}
	return Site{
		Experiments: []suite.Experiment{states(), growth(), {Suite: "other", Name: "later", Title: "Not yet"}},
		Headline:    Headline{Suite: "edits", Name: "states", Rows: []string{"warm", "edit", "missing"}},
		Report: &result.Report{Tables: []*result.Table{
			{Suite: "growth", Name: "binaries", Machine: later, Rows: []*result.Row{
				{Name: "1", Cells: []*result.Cell{cell(lab.XBuild, 2, 2.2, 1.5), cell(hostile, 1)}},
				{Name: "5 binaries", Cells: []*result.Cell{cell(lab.XBuild, 3, 3.5, 2), cell(hostile, 5, 6, 7)}},
				{Name: "20", Cells: []*result.Cell{cell(lab.XBuild, 4), cell(hostile, 20, 22, 25)}},
			}},
			{Suite: "edits", Name: "states", Machine: machine, Rows: []*result.Row{
				{Name: "edit", Cells: []*result.Cell{edit, cell(lab.Dockerfile, 150), texts(lab.Plain, "does not start", "does not start")}},
				{Name: "warm", Cells: []*result.Cell{cell(lab.XBuild, 1.2, 1.1), cell(lab.Dockerfile, .9, 1.0), cell(lab.Plain, 1.19)}},
				{Name: hostile, Cells: []*result.Cell{texts(lab.XBuild, hostile), texts(lab.Dockerfile, "no")}},
				{Name: "builds of an edit of docs", Cells: []*result.Cell{cell(lab.XBuild, 0), cell(lab.Dockerfile, 5)}},
			}},
			{Suite: "gone", Name: "gone", Machine: machine, Rows: []*result.Row{{Name: "x"}}},
		}},
	}
}

func states() suite.Experiment {
	return suite.Experiment{
		Suite: "edits", Name: "states", Title: "Edits | " + hostile, About: "Made up, in **Markdown**.",
		Columns: []string{lab.XBuild, lab.Dockerfile, lab.Plain},
		Compare: suite.Compare{Old: lab.Dockerfile, New: lab.XBuild},
		Plot:    suite.Plot{Kind: suite.Bars, Log: true},
		Rows: []suite.Row{
			{Name: "edit", Goals: []suite.Goal{suite.Faster(15, lab.Dockerfile)}, Explain: true, Guide: &suite.Guide{Text: "120 s → 15 s", Ratio: 8}, Why: "A check did not hold."},
			{Name: "warm", Goals: []suite.Goal{suite.AtMost(1, lab.Dockerfile)}, Why: "Two steps | more."},
			{Name: hostile},
			{Name: "builds of an edit of docs", Unit: "builds", Guide: &suite.Guide{Text: "5 → 0"}, Only: []string{lab.XBuild, lab.Dockerfile}},
			{Name: "missing", Only: []string{lab.XBuild, lab.Dockerfile}, Goals: []suite.Goal{suite.AtMost(2, lab.Dockerfile)}, Why: "It is not shown."},
		},
	}
}

func growth() suite.Experiment {
	return suite.Experiment{
		Suite: "growth", Name: "binaries", Title: "Growth", Columns: []string{lab.XBuild, hostile},
		Plot: suite.Plot{Kind: suite.Lines, X: "binaries"},
		Rows: []suite.Row{{Name: "1"}, {Name: "5 binaries"}, {Name: "20"}},
	}
}

func TestGolden(t *testing.T) {
	files := made().Files()
	if len(files) != 4 {
		t.Errorf("%d files", len(files))
	}
	for name, data := range files {
		golden.Equal(t, filepath.Join("testdata", filepath.Base(name)), data)
	}
	readme, err := made().README([]byte("before\n" + begin + "old\n" + end + "after\n"))
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "testdata/readme.md", readme)
}

// TestPlotsAreXML holds that names can't be markup.
func TestPlotsAreXML(t *testing.T) {
	for name, data := range made().Files() {
		if filepath.Ext(name) != ".svg" {
			continue
		}
		allowed := regexp.MustCompile(`^(svg|title|desc|style|rect|text|path)$`)
		for dec := xml.NewDecoder(strings.NewReader(string(data))); ; {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e, ok := token.(xml.StartElement); ok && !allowed.MatchString(e.Name.Local) {
				t.Errorf("%s has a <%s>", name, e.Name.Local)
			}
		}
	}
}

// TestPart holds that a report may lack everything.
func TestPart(t *testing.T) {
	whole := made()
	for _, tables := range [][]*result.Table{
		nil,
		{{Suite: "edits", Name: "states"}},
		{{Suite: "edits", Name: "states", Rows: []*result.Row{{Name: "edit"}}}},
		{{Suite: "edits", Name: "states", Rows: []*result.Row{{Name: "edit", Cells: []*result.Cell{{Column: lab.XBuild}}}}}},
		whole.Report.Tables[:1],
	} {
		site := Site{whole.Experiments, &result.Report{Tables: tables}, whole.Headline}
		site.Files()
		text, err := site.README([]byte(begin + end))
		if err != nil || strings.Contains(string(text), "| 2") {
			t.Errorf("%s, %v", text, err)
		}
	}
	if _, err := whole.README([]byte("no block")); err == nil {
		t.Error("a README without a block has one")
	}
}

func TestFigure(t *testing.T) {
	for want, n := range map[string]float64{"0.00": 0, "0.004": .0041, "0.21": .21, "9.99": 9.99, "10.0": 9.999, "99.9": 99.94, "100": 99.96, "239": 239.44, "-1.50": -1.5} {
		if got := figure(n); got != want {
			t.Errorf("figure(%v) = %s, want %s", n, got, want)
		}
	}
}

// TestWrite holds that a plot which is gone is removed, and nothing else.
func TestWrite(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{readme: begin + end, filepath.Join(pictures, "old.svg"): "", filepath.Join(pictures, "note.txt"): ""} {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := made().Write(root); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(filepath.Join(root, pictures))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != "edits-states-builds.svg edits-states.svg growth-binaries.svg note.txt" {
		t.Errorf("there are %s", got)
	}
}

// TestLinks holds that the page's links to files of the repository lead somewhere.
func TestLinks(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\((\.\./[^)#]+|[a-z]+\.md)\)`).FindAllStringSubmatch(string(Site{Report: &result.Report{}}.Page()), -1) {
		if _, err := os.Stat(filepath.Join("..", "..", "docs", m[1])); err != nil {
			t.Error(err)
		}
	}
}
