package spec

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/acme/xbuild/internal/diag"
)

// syntaxError says in plain words what the YAML library found wrong.
func syntaxError(file string, data []byte, err error) *diag.Error {
	e := &diag.Error{Pos: diag.Pos{File: file, Line: 1, Col: 1}, Rule: "yaml-syntax", Msg: "not YAML: " + err.Error()}
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		return e
	}
	if le.Mark.Line > 0 {
		e.Pos.Line, e.Pos.Col = le.Mark.Line, max(1, le.Mark.Column)
	}
	if le.Message == errTooDeep.Error() {
		e.Rule, e.Msg = "too-deep", fmt.Sprintf("more than %d lists and mappings inside each other", maxDepth)
		return e
	}
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(string(data), "\r\n", "\n"), " \t\n"), "\n")
	lines[0] = strings.TrimPrefix(lines[0], "\ufeff")
	last := lines[len(lines)-1]
	atEnd := e.Pos.Line > len(lines) || e.Pos.Line == len(lines) && e.Pos.Col > utf8.RuneCountInString(last)
	if atEnd {
		e.Pos.Line, e.Pos.Col = len(lines), utf8.RuneCountInString(last)+1
	}
	if col, ok := indentTab(lines[e.Pos.Line-1], e.Pos.Col); ok && !atEnd {
		e.Pos.Col, e.Msg = col, "tabs can't indent YAML, use spaces"
		return e
	}
	begin, open := le.ContextMark, ""
	if 0 < begin.Line && begin.Line <= len(lines) {
		open = charAt(lines[begin.Line-1], begin.Column)
	}
	unclosed := atEnd && strings.ContainsAny(open, `[{"'`)
	if unclosed || open != "" && le.Message == "could not find expected ':'" {
		e.Pos.Line, e.Pos.Col = begin.Line, begin.Column
	}
	if unclosed {
		e.Msg = fmt.Sprintf("this %s is never closed", open)
		return e
	}
	e.Msg = plainWords(le, charAt(lines[e.Pos.Line-1], e.Pos.Col))
	if atEnd {
		e.Msg += ", found the end of the file"
	}
	return e
}

// indentTab gives the column of the first tab in the indentation of a line, when
// the mistake at col is in or directly after that indentation.
func indentTab(line string, col int) (int, bool) {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	tab := strings.IndexByte(indent, '\t')
	return tab + 1, tab >= 0 && col <= len(indent)+1
}

// charAt gives the character at a column, "" after the last.
func charAt(line string, col int) string {
	if runes := []rune(line); 0 < col && col <= len(runes) {
		return string(runes[col-1])
	}
	return ""
}

// plainWords gives the library's message in the words of a person who writes a
// spec. Char is what stands at the place of the mistake.
func plainWords(le *yaml.LoadError, char string) string {
	begun := ""
	if le.ContextMsg != "" && le.ContextMark.Line > 0 {
		begun = fmt.Sprintf(" that begins at line %d", le.ContextMark.Line)
	}
	switch msg := le.Message; {
	case strings.HasPrefix(msg, "unknown anchor '"):
		name := strings.TrimSuffix(strings.TrimPrefix(msg, "unknown anchor '"), "' referenced")
		return fmt.Sprintf("alias %s refers to no anchor above it", quote(name))
	case msg == "found character that cannot start any token" && char != "":
		return fmt.Sprintf("a value can't begin with %q; quote it", char)
	case msg == "mapping values are not allowed in this context":
		return `unexpected ":"; quote the value if it holds ": ", else check the indentation`
	case msg == "did not find expected key":
		return fmt.Sprintf("expected a key of the mapping%s; check the indentation and quotes", begun)
	case msg == "did not find expected '-' indicator":
		return fmt.Sprintf(`expected a "- " of the list%s; check the indentation`, begun)
	case msg == "did not find expected ',' or ']'":
		return fmt.Sprintf(`expected "," or "]" in the list%s`, begun)
	case msg == "did not find expected ',' or '}'":
		return fmt.Sprintf(`expected "," or "}" in the mapping%s`, begun)
	case msg == "did not find expected node content":
		return "expected a value"
	case msg == "found incompatible YAML document":
		return "expected YAML 1.1 or 1.2"
	case msg == "did not find expected alphabetic or numeric character":
		return "expected the name of an anchor; quote text that begins with * or &"
	case msg == "found unknown escape character":
		return `unknown escape after "\"; use single quotes for text with "\"`
	case msg == "could not find expected ':'":
		return `expected a ":" after this key`
	case msg == "block sequence entries are not allowed in this context":
		return `a "- " is not allowed here; check the indentation`
	case msg == "did not find expected <document start>":
		return "expected the end of the file; check the indentation"
	default:
		return "not YAML: " + strings.Join(strings.Fields(msg), " ")
	}
}
