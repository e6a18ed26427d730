package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/bench/lab"
	"github.com/acme/xbuild/bench/page"
	"github.com/acme/xbuild/bench/result"
)

const root = ".."

// TestPublished holds that the page, its plots and the README say what the results give, and nothing else. Without results they
// have no figure.
func TestPublished(t *testing.T) {
	report, err := result.Load(filepath.Join(root, results))
	if err != nil {
		t.Fatal(err)
	}
	files := site(report).Files()
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(root, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what %s gives: make bench-page is due (%v)", name, results, err)
		}
	}
	plots, err := page.Plots(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range plots {
		if files[name] == nil {
			t.Errorf("%s shows nothing that is in %s: make bench-page is due", name, results)
		}
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := site(report).README(readme); err != nil || !bytes.Equal(readme, want) {
		t.Errorf("the README is not what %s gives: make bench-page is due (%v)", results, err)
	}
}

// TestHeadline holds that the rows which the README shows exist.
func TestHeadline(t *testing.T) {
	h := site(&result.Report{}).Headline
	var rows []string
	for _, e := range experiments() {
		if e.Suite == h.Suite && e.Name == h.Name {
			for _, r := range e.Rows {
				rows = append(rows, r.Name)
			}
		}
	}
	for _, name := range h.Rows {
		if !slices.Contains(rows, name) {
			t.Errorf("%s %s has no row %q", h.Suite, h.Name, name)
		}
	}
}

// whole has a number in every cell.
func whole() *result.Report {
	report := &result.Report{}
	for _, e := range experiments() {
		table := &result.Table{Suite: e.Suite, Name: e.Name}
		for _, r := range e.Rows {
			row := &result.Row{Name: r.Name}
			for _, c := range []string{lab.XBuild, lab.Dockerfile} {
				row.Cells = append(row.Cells, &result.Cell{Column: c, Values: []result.Value{{Number: 7}}})
			}
			table.Rows = append(table.Rows, row)
		}
		report.Put(table)
	}
	return report
}

// TestPublish holds that the page is written when all was measured, unless the results are for another file, and by -page.
func TestPublish(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	published := func(args ...string) bool {
		t.Helper()
		if err := os.WriteFile("README.md", readme, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := whole().Save("progress.json"); err != nil {
			t.Fatal(err)
		}
		if err := run(t.Context(), io.Discard, append(args, "-progress", "progress.json")); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile("README.md")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(got), "7.00")
	}
	if published("-o", "other.json") {
		t.Error("the README shows the results of another file")
	}
	if published("-page") {
		t.Error("-page shows what is not in the results")
	}
	if !published() {
		t.Error("the README does not show what was measured")
	}
	if !published("-page") {
		t.Error("-page does not show the results")
	}
}
