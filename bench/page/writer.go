package page

import (
	"fmt"
	"html"
	"strings"
	"unicode"
)

// writer collects the paragraphs of a Markdown text.
type writer struct{ strings.Builder }

// line writes a paragraph.
func (w *writer) line(format string, args ...any) {
	if w.Len() > 0 {
		w.WriteString("\n")
	}
	fmt.Fprintf(w, format, args...)
	w.WriteString("\n")
}

// rows writes a table; the first row is its head.
func (w *writer) rows(rows [][]string) {
	var lines []string
	for i, r := range rows {
		lines = append(lines, "| "+strings.Join(r, " | ")+" |")
		if i == 0 {
			lines = append(lines, "|"+strings.Repeat("---|", len(r)))
		}
	}
	w.line("%s", strings.Join(lines, "\n"))
}

// command says what measures the things above it; all suites when it is "".
func (w *writer) command(suite string) { w.line("<sub>Measured by %s</sub>", command(suite)) }

func (w *writer) bytes() []byte { return []byte(w.String()) }

func command(suite string) string {
	if suite == "" {
		return "[`make bench`](#measure-it-yourself)"
	}
	return fmt.Sprintf("[`make bench BENCH=%s`](#measure-it-yourself)", slug(suite))
}

// escape makes a text mean itself in Markdown, in a table, too.
func escape(t string) string {
	var out strings.Builder
	for _, r := range oneLine(t) {
		switch {
		case strings.ContainsRune("\\`*_[]|~", r):
			out.WriteRune('\\')
			out.WriteRune(r)
		case strings.ContainsRune(`<>&`, r):
			out.WriteString(html.EscapeString(string(r)))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// attribute makes a text fit for an attribute in quotes.
func attribute(t string) string { return html.EscapeString(oneLine(t)) }

// oneLine has no line breaks and no other control characters.
func oneLine(t string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, t))
}

// slug is a name for links and files.
func slug(t string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return unicode.ToLower(r)
		default:
			return '-'
		}
	}, t)
}
