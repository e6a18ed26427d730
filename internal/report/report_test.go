package report_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/acme/xbuild/internal/golden"
	"github.com/acme/xbuild/internal/progress"
	"github.com/acme/xbuild/internal/report"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/buildkit/client"
	"golang.org/x/net/html"
)

func read(t testing.TB, file string) *progress.Build {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := progress.Read(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pageOf(t testing.TB, b *progress.Build, title string) *node {
	t.Helper()
	data, err := report.HTML(b, title)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return &node{doc}
}

// TestGolden holds the pages of recorded builds of examples/multi: one after a change of a
// binary, one that fails to compile.
func TestGolden(t *testing.T) {
	for _, name := range []string{"changed", "failed"} {
		got, err := report.HTML(read(t, "testdata/"+name+".json"), "shop")
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(got), "<body>") // the style is in the template
		golden.Equal(t, filepath.Join("testdata", name+".html"), []byte(body))
	}
}

// TestSteps holds that every step of a recorded build is on the page once, with its state.
func TestSteps(t *testing.T) {
	for name, want := range map[string]struct {
		verdict string
		states  map[string]int
	}{
		"changed": {"Built in 1.1 s", map[string]int{"executed": 8, "cached": 15}},
		"failed":  {"Failed after 689 ms", map[string]int{"executed": 2, "cached": 5, "failed": 2}},
	} {
		b := read(t, "testdata/"+name+".json")
		page := pageOf(t, b, "x")
		if got := page.find("p", "verdict")[0].text(); got != want.verdict {
			t.Errorf("%s: %q, want %q", name, got, want.verdict)
		}
		states, rows := map[string]int{}, 0
		for _, group := range page.find("tbody", "") {
			title := group.find("th", "group")
			if len(title) == 0 {
				continue
			}
			for _, row := range group.find("tr", "") {
				if state := row.find("td", "state"); len(state) > 0 {
					rows++
					if title[0].text() != "BuildKit and the client" {
						states[strings.Fields(state[0].text())[1]]++
					}
				}
			}
		}
		if diff := cmp.Diff(want.states, states); diff != "" {
			t.Errorf("%s: states (-want +got):\n%s", name, diff)
		}
		started := 0
		for _, v := range b.Vertices {
			if len(v.Spans) > 0 {
				started++
			}
		}
		if rows != started {
			t.Errorf("%s: %d rows for %d steps", name, rows, started)
		}
	}
}

// build is one with events, by their JSON.
func build(t testing.TB, events ...string) *progress.Build {
	t.Helper()
	b, err := progress.Read(strings.NewReader(strings.Join(events, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVerdict(t *testing.T) {
	const ran = `{"vertexes":[{"digest":"a","name":"[shop] compile","started":"2026-01-01T12:00:00Z","completed":"2026-01-01T12:00:02Z"}]}`
	ended := func(name, err string) string {
		return fmt.Sprintf(`{"vertexes":[{"digest":"b","name":%q,"started":"2026-01-01T12:00:02Z","completed":"2026-01-01T12:00:03Z","error":%q}]}`, name, err)
	}
	for _, tt := range []struct {
		name   string
		events []string
		want   string
	}{
		{"fine", []string{ran}, "Built in 2.0 s"},
		{"a cache that is not there", []string{ran, ended("importing cache manifest from x", "not found")}, "Built in 3.0 s"},
		{"a push that failed", []string{ran, ended("exporting to image", "denied")}, "Failed after 3.0 s"},
		{"a step that failed", []string{ran, ended("[x] y", "exit code: 1")}, "Failed after 3.0 s"},
		{"the client says so", []string{ran, "ERROR: no builder"}, "Failed after 2.0 s"},
		{"interrupted", []string{ran, ended("[x] y", "context canceled")}, "Canceled after 3.0 s"},
		{"killed", []string{ran, `{"vertexes":[{"digest":"b","name":"[x] y","started":"2026-01-01T12:00:02Z"}]}`}, "Not finished: the progress ends after 2.0 s"},
	} {
		if got := pageOf(t, build(t, tt.events...), "x").find("p", "verdict")[0].text(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	cut, err := progress.Read(strings.NewReader(ran + "\n" + ran[:40]))
	if err != nil {
		t.Fatal(err)
	}
	if got := pageOf(t, cut, "x").text(); !strings.Contains(got, "Not finished") || !strings.Contains(got, "the last event is not whole") {
		t.Errorf("nothing says that the file was cut:\n%s", got)
	}
}

// TestPath holds what the end of a build is said to have waited for.
func TestPath(t *testing.T) {
	at := func(s int) string { return fmt.Sprintf("2026-01-01T12:00:%02dZ", s) }
	vertex := func(digest, name string, from, to int, inputs ...string) string {
		in, _ := json.Marshal(inputs)
		return fmt.Sprintf(`{"vertexes":[{"digest":%q,"name":%q,"inputs":%s,"started":%q,"completed":%q}]}`, digest, name, in, at(from), at(to))
	}
	page := pageOf(t, build(t,
		vertex("a", "source", 0, 2),
		vertex("b", "slow", 2, 10, "a"),
		vertex("c", "quick", 2, 4, "a"),
		vertex("d", "link", 11, 20, "b", "c"),
		vertex("e", "aside", 2, 19, "a"),
	), "x")
	var got []string
	for _, row := range page.find("tbody", "")[0].find("tr", "") {
		cells := row.find("td", "")
		got = append(got, cells[0].text()+" "+cells[1].text()+" "+cells[2].text())
	}
	want := []string{"source 2.0 s 10 %", "slow 8.0 s 40 %", "link 9.0 s 45 %", "between the steps 1.0 s 5 %"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
}

// FuzzHTML holds that no text of a build makes an element or an attribute, and that texts
// are on the page as they are.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		"plain", "</title><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</style><style>", "<!--", "]]>", "&lt;&amp;", "javascript:alert(1)",
		"\x00\x01\x1b[31mred\x1b[0m\x1b]0;t\x07", "a\r\nb\rc", "\xff", "[shop linux/arm64] </td>", "https://x/\" onclick=\"y", "{{.}}", "é\u202e中🙂", "</pre></details>",
	} {
		f.Add(s, s, []byte(s))
	}
	shape := func(t *testing.T, name, text string, log []byte) (string, string) {
		var r progress.Recorder
		start := time.Unix(1, 0)
		end := start.Add(time.Second)
		r.Add(&client.SolveStatus{
			Vertexes: []*client.Vertex{
				{Digest: "a", Name: "[s linux/amd64] x" + name, Started: &start, Completed: &end, Error: "x" + text},
				{Digest: "b", Name: "x" + name},
			},
			Logs:     []*client.VertexLog{{Vertex: "a", Data: append([]byte("x"), log...), Timestamp: end}},
			Warnings: []*client.VertexWarning{{Short: append([]byte("x"), log...), Detail: [][]byte{[]byte("x" + text)}, URL: "https://x/" + text}},
		})
		b := r.Build()
		b.Text = []string{"x" + text}
		page := pageOf(t, b, "x"+name)
		return page.shape(), page.text()
	}
	f.Fuzz(func(t *testing.T, name, text string, log []byte) {
		want, _ := shape(t, "", "", nil)
		got, said := shape(t, name, text, log)
		if want != got {
			t.Errorf("elements (-want +got):\n%s", cmp.Diff(want, got))
		}
		if !strings.ContainsFunc(text, unicode.IsControl) && !strings.Contains(said, "x"+strings.ToValidUTF8(text, "\uFFFD")) {
			t.Errorf("no %q on the page", text)
		}
	})
}

// node is an element of a page.
type node struct{ *html.Node }

// find gives the elements with a name and, unless it is "", a class, in document order.
func (n *node) find(name, class string) (out []*node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name && (class == "" || slices.Contains(strings.Fields(attr(d, "class")), class)) {
			out = append(out, &node{d})
		}
	}
	return out
}

func (n *node) text() string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(out.String())
}

// shape is every element with the names of its attributes, and what those are that a browser acts on.
func (n *node) shape() string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type != html.ElementNode {
			continue
		}
		out.WriteString(d.Data)
		for _, a := range d.Attr {
			out.WriteString(" " + a.Key)
			if a.Key == "style" || a.Key == "class" {
				out.WriteString("=" + a.Val)
			}
			if a.Key == "href" && !strings.HasPrefix(a.Val, "https://x/") {
				out.WriteString("=" + a.Val)
			}
		}
		out.WriteString("\n")
	}
	return out.String()
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
