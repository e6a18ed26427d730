package integration

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/progress"
	"github.com/acme/xbuild/internal/report"
	"golang.org/x/net/html"
)

// reported builds a project with buildx, and gives the rows of the page that is made of its
// progress, as "stage what: state", those of each platform with it in front.
func reported(t *testing.T, dir string) []string {
	t.Helper()
	cmd := kit(t).Buildx(t.Context(), "build", "--progress=rawjson", "-f", filepath.Join(dir, "xbuild.yaml"),
		"--platform", "linux/amd64,linux/arm64", "--output", "type=local,dest="+t.TempDir(), dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	b, err := progress.Read(&said)
	if err != nil {
		t.Fatal(err)
	}
	page, err := report.HTML(b, "multi")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return reportRows(doc)
}

// reportRows are the rows of the waterfall on a page.
func reportRows(doc *html.Node) (rows []string) {
	group := ""
	for n := range doc.Descendants() {
		switch cells := texts(n); {
		case n.Type != html.ElementNode || n.Data != "tr":
		case len(cells) == 1:
			group = cells[0]
		case len(cells) == 5: // step, state, time, received, bars
			rows = append(rows, group+": "+strings.TrimPrefix(cells[0], "◆ ")+": "+strings.Fields(cells[1])[1])
		}
	}
	slices.Sort(rows)
	return rows
}

// texts are those of the children of an element, without what folds away and a table's head.
func texts(n *html.Node) (out []string) {
	for c := range n.ChildNodes() {
		if c.Type != html.ElementNode || c.Data == "th" && n.Parent != nil && n.Parent.Data == "thead" {
			continue
		}
		var text strings.Builder
		for d := range c.Descendants() {
			if d.Type == html.TextNode && (d.Parent.Data == "td" || d.Parent.Data == "th" || d.Parent.Data == "span") {
				text.WriteString(d.Data)
			}
		}
		out = append(out, text.String())
	}
	return out
}

// TestReport makes the page of a real build in which one binary changed, and of the same build again.
func TestReport(t *testing.T) {
	dir := copyTree(t, "../../examples/multi")
	reported(t, dir)
	main := filepath.Join(dir, "cmd/shop/main.go")
	data, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, "\nfunc init() { _ = `"+t.TempDir()+"` }\n"...) // as no run before had it
	if err := os.WriteFile(main, data, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"executed", "cached"} {
		rows := reported(t, dir)
		for _, platform := range []string{"linux/amd64", "linux/arm64"} {
			for _, row := range []string{": shop compile: " + want, ": worker compile: cached", ": deps compile: cached", ": std compile: cached"} {
				if !slices.Contains(rows, platform+row) {
					t.Errorf("no row %q", platform+row)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("the rows are\n%s", strings.Join(rows, "\n"))
		}
	}
}
