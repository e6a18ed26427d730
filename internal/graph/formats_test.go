package graph_test

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/acme/xbuild/internal/graph"
)

// hostile are names and texts that mean something in one of the formats.
var hostile = []string{
	"plain", `"`, `\`, `\"]; evil [label="`, "a\nb", "</title></svg><script>alert(1)</script>", "]]>", "<!--", "&amp;", "&quot;", "#quot;", "#35;", "`x`",
	"end", `"]; click n0 "javascript:x"`, "1. one", "- x", "$x ${x}", "%% comment", "\x00\x01\x7f", "\xff", "é\u202e中🙂", "a\r\nb", "\u2028", `\N\G\l`, "<br/>", "*x* _y_", "---",
}

func seed(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+7)%len(hostile)])
	}
}

// FuzzSVG holds that an SVG is well-formed, has the elements of a harmless one, and gives
// every text back.
func FuzzSVG(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, name, text string) {
		g := graphOf(t, byHand(name, text), graph.None)
		pic := parse(t, graph.SVG(g))
		if pic.Title != xmlText(g.Title) || !strings.Contains(pic.Desc, xmlText(g.Note)) || len(pic.Groups) != len(g.Nodes) {
			t.Fatalf("title %q, desc %q, %d nodes of %d", pic.Title, pic.Desc, len(pic.Groups), len(g.Nodes))
		}
		for i, n := range g.Nodes {
			for _, want := range slices.Concat(n.Names, n.Facts) {
				if !strings.Contains(pic.Groups[i].Title, xmlText(want)) {
					t.Errorf("no %q in %q", want, pic.Groups[i].Title)
				}
			}
			if title := []rune(n.Title); len(title) < 17 && pic.Groups[i].Text[0] != xmlText(n.Title) {
				t.Errorf("%q is written as %q", n.Title, pic.Groups[i].Text[0])
			}
		}
	})
}

// xmlText is a text with U+FFFD for what XML can't have.
func xmlText(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// shown is a text with U+FFFD for what DOT and Mermaid don't get.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// dotLine is every line of a DOT file that has a text of the plan in it; strings are as the
// lexer of Graphviz reads them: a quote is escaped by one backslash before it, and two backslashes are two.
var dotLine = regexp.MustCompile(`^  n(\d+) \[label="((?:[^"\\\n]|\\.)*)", tooltip="((?:[^"\\\n]|\\.)*)"(?:, (?:style="[a-z,]+"|shape=oval|penwidth=2\.5))*\]$`)

var dotFixed = regexp.MustCompile(`^(digraph \{|\}|  rankdir=LR|  node \[.*\]|  \{ rank=same; (n\d+; )*n\d+ \}|  n\d+ -> n\d+|)$`)

// dotText reads what a label's escapes say.
func dotText(s string) string {
	s = regexp.MustCompile(`\\.`).ReplaceAllStringFunc(s, func(e string) string {
		if e == `\n` {
			return "\n"
		}
		return e[1:]
	})
	return html.UnescapeString(s)
}

func FuzzDOT(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, name, text string) {
		g := graphOf(t, byHand(name, text), graph.None)
		found := 0
		for i, line := range strings.Split(string(graph.DOT(g)), "\n") {
			m := dotLine.FindStringSubmatch(line)
			switch {
			case i == 0 && strings.HasPrefix(line, "// "), dotFixed.MatchString(line):
			case m == nil:
				t.Errorf("line %d: %q", i+1, line)
			default:
				n, _ := strconv.Atoi(m[1])
				for _, want := range slices.Concat(g.Nodes[n].Names, g.Nodes[n].Facts) {
					if !strings.Contains(dotText(m[3]), shown(want)) {
						t.Errorf("no %q in the tooltip %q", want, m[3])
					}
				}
				found++
			}
		}
		if found != len(g.Nodes) {
			t.Errorf("%d nodes of %d", found, len(g.Nodes))
		}
	})
}

// mermaidLine is a line of a flowchart with a text of the plan in it: nothing that Mermaid,
// Markdown or HTML give a meaning is in one but the numbers of characters and line breaks.
var mermaidLine = regexp.MustCompile(`^(?:title: |    n(\d+)(?:\[|\(\[|\[\[))"((?:[^\x00-\x7f]|[A-Za-z0-9 /:,=]|#\d+;|<br/>)*)"(?:(?:\]|\]\)|\]\])(?::::(?:never|shared))?)?$`)

var mermaidFixed = regexp.MustCompile(`^(---|flowchart LR|  subgraph stage_[a-z]+\["[a-z]+"\]|  end|  n\d+ --> n\d+|  classDef .*|)$`)

func FuzzMermaid(f *testing.F) {
	seed(f)
	number := regexp.MustCompile(`#(\d+);`)
	f.Fuzz(func(t *testing.T, name, text string) {
		g := graphOf(t, byHand(name, text), graph.None)
		found := 0
		for i, line := range strings.Split(string(graph.Mermaid(g)), "\n") {
			m := mermaidLine.FindStringSubmatch(line)
			if m == nil {
				if !mermaidFixed.MatchString(line) {
					t.Errorf("line %d: %q", i+1, line)
				}
				continue
			}
			got, _, _ := strings.Cut(m[2], "<br/>")
			got = html.UnescapeString(number.ReplaceAllString(got, "&#$1;"))
			want := g.Title
			if m[1] != "" {
				n, _ := strconv.Atoi(m[1])
				want = g.Nodes[n].Title
				found++
			}
			if want = strings.ReplaceAll(shown(want), "\n", " "); len([]rune(want)) < 17 && got != want {
				t.Errorf("%q is written as %q", want, got)
			}
		}
		if found != len(g.Nodes) {
			t.Errorf("%d nodes of %d", found, len(g.Nodes))
		}
	})
}
