// Package yamlfmt lays out YAML text in block style with canonical white space. It knows the forms
// that people write, and refuses others: whoever needs to be sure compares the documents.
package yamlfmt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Format gives the text of a YAML document with canonical white space: nothing but spaces and
// line breaks differs. A first line that is a comment is kept as it is. The error says which
// line can't be laid out.
func Format(text string) (string, error) {
	l := &layouter{}
	first, rest, _ := strings.Cut(text, "\n")
	if i := strings.IndexByte(first, '\r'); i >= 0 && i < len(first)-1 {
		first, rest = text[:i], text[i+1:]
	}
	if strings.HasPrefix(strings.TrimPrefix(first, "\ufeff"), "#") {
		l.out = append(l.out, first)
		l.lines, l.kept = splitLines(rest), 1
	} else {
		l.lines = splitLines(text)
	}
	for l.at < len(l.lines) {
		if err := l.next(); err != nil {
			return "", fmt.Errorf("line %d: %w", min(l.at+1, len(l.lines))+l.kept, err)
		}
	}
	l.comments(block{col: -1})
	for len(l.out) > l.kept && l.out[len(l.out)-1] == "" && !l.keepEnd {
		l.out = l.out[:len(l.out)-1]
	}
	if len(l.out) == 0 {
		return "", nil
	}
	out := strings.Join(l.out, "\n")
	if l.openEnd && !strings.HasSuffix(text, "\n") {
		return out, nil // a last line break would be one of the text's
	}
	return out + "\n", nil
}

// splitLines gives the lines without their breaks.
func splitLines(text string) []string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}

// block is a mapping or list in block style.
type block struct {
	col, to int // where its lines begin, and where they are to begin
	list    bool
}

// inside is where what a line of the block holds goes on, on further lines.
func (b block) inside() int {
	if b.list {
		return b.to + 2
	}
	return b.to
}

type layouter struct {
	lines   []string
	at      int // the line that is looked at
	kept    int // lines that are kept as they are
	out     []string
	open    []block  // from the outermost
	pending []string // comments, with their indentation, and one blank line at most between them
	keepEnd bool     // the last lines are of a text that keeps its empty lines
	openEnd bool     // the last line is of a block scalar
}

var errLayout = errors.New("this form of YAML can't be laid out; write it in a plainer one")

// next lays out the line, with the further ones that belong to its value.
func (l *layouter) next() error {
	line := l.lines[l.at]
	text := strings.TrimLeft(line, " ")
	col := indentation(line)
	switch trimmed := trimSpace(text); {
	case trimmed == "":
		if n := len(l.pending); n == 0 || l.pending[n-1] != "" {
			l.pending = append(l.pending, "")
		}
		l.at++
		return nil
	case trimmed[0] == '#' && text[0] == '#':
		l.pending = append(l.pending, line[:col]+trimmed)
		l.at++
		return nil
	case trimmed == "---" && len(l.open) == 0:
		l.comments(block{})
		l.out = append(l.out, trimmed)
		l.at++
		return nil
	case col == 0 && (text[0] == '%' || strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...")), text[0] == '\t':
		return errLayout
	}
	l.keepEnd, l.openEnd = false, false
	return l.entry(col, text)
}

// entry lays out a line that is no comment.
func (l *layouter) entry(col int, text string) error {
	before := slices.Clone(l.open)
	b, isEntry := l.enter(col, text)
	to := b.to
	if !isEntry {
		to = b.to + 2
	}
	shown := l.open
	l.open = before
	l.comments(block{col: col, to: to})
	l.open = shown
	prefix := strings.Repeat(" ", to)
	for isDash(text) {
		rest := strings.TrimLeft(text[1:], " ")
		if trimSpace(rest) == "" || rest[0] == '#' {
			return l.value(prefix+"-", rest)
		}
		col, to = col+len(text)-len(rest), to+2
		prefix, text = prefix+"- ", rest
		if isDash(text) || keyEnd(text) > 0 {
			l.open = append(l.open, block{col: col, to: to, list: isDash(text)})
		}
	}
	if n := keyEnd(text); n > 0 {
		key := trimSpace(text[:n])
		if strings.HasPrefix(key, "*") || strings.HasPrefix(key, "&") && !strings.Contains(key, " ") {
			key += " " // a colon would be part of the name
		}
		return l.value(prefix+key+":", text[n+1:])
	}
	if strings.HasSuffix(prefix, "- ") {
		prefix = prefix[:len(prefix)-1]
	}
	return l.value(prefix, text)
}

// enter gives the innermost block that a line which begins at col is in, and whether it is
// an entry of that, not a value on a line of its own.
func (l *layouter) enter(col int, text string) (block, bool) {
	list := isDash(text)
	for n := len(l.open); n > 0; n = len(l.open) {
		top := l.open[n-1]
		if top.col < col || top.col == col && (top.list == list || list) {
			break
		}
		l.open = l.open[:n-1]
	}
	isEntry := list || keyEnd(text) > 0
	if len(l.open) == 0 {
		if isEntry {
			l.open = append(l.open, block{col: col, list: list})
		}
		return block{col: col}, true
	}
	top := l.open[len(l.open)-1]
	if isEntry && (top.col < col || top.list != list) {
		top = block{col: col, to: top.to + 2, list: list}
		l.open = append(l.open, top)
	}
	return top, isEntry
}

// comments writes those before an entry, each at its entry's place or at that of a block
// before it which it is as deep as.
func (l *layouter) comments(next block) {
	for _, c := range l.pending {
		text := strings.TrimLeft(c, " ")
		to, col := next.to, len(c)-len(text)
		for _, b := range l.open {
			if col > next.col && b.col > next.col && b.col <= col {
				to = b.to
			}
		}
		switch {
		case text != "":
			l.out = append(l.out, strings.Repeat(" ", to)+text)
		case len(l.out) > 0 && l.out[len(l.out)-1] != "":
			l.out = append(l.out, "")
		}
	}
	l.pending = nil
}

// value lays out what comes after prefix, which ends with a key's colon or a list's dash or
// is only indentation, and the further lines of it.
func (l *layouter) value(prefix, text string) error {
	text = strings.TrimLeft(text, " \t")
	for text != "" && (text[0] == '&' || text[0] == '!') {
		n := strings.IndexAny(text+" ", " \t")
		prefix, text = joined(prefix, text[:n]), strings.TrimLeft(text[n:], " \t")
	}
	switch {
	case text == "" || text[0] == '#':
		l.emit(prefix, text)
		return nil
	case text[0] == '?' && (len(text) == 1 || text[1] == ' '), len(l.open) == 0:
		return errLayout
	case text[0] == '|' || text[0] == '>':
		return l.blockScalar(prefix, text)
	case text[0] == '"' || text[0] == '\'':
		return l.quoted(prefix, text)
	case text[0] == '[' || text[0] == '{':
		return l.flow(prefix, text)
	default:
		return l.plain(prefix, text)
	}
}

// emit writes a line that ends with a comment, or with none, and goes on to the next.
func (l *layouter) emit(line, comment string) {
	if comment = trimSpace(comment); comment != "" {
		line += l.gap(line, comment) + comment
	}
	l.out = append(l.out, line)
	l.at++
}

// gap is what is between a line and its comment: a space, or as many as keep the comment
// aligned with others, where more than one were there.
func (l *layouter) gap(line, comment string) string {
	old := strings.TrimSuffix(strings.TrimRight(l.lines[l.at], " \t"), comment)
	switch text := strings.TrimRight(old, " \t"); {
	case strings.TrimLeft(line, " ") == "":
		return ""
	case len(old)-len(text) < 2, strings.Contains(old[len(text):], "\t"):
		return " "
	}
	moved := indentation(line) - indentation(old)
	return strings.Repeat(" ", max(1, utf8.RuneCountInString(old)+moved-utf8.RuneCountInString(line)))
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// joined puts a space between, unless the line is only indentation.
func joined(line, text string) string {
	if strings.TrimLeft(line, " ") == "" {
		return line + text
	}
	return line + " " + text
}

// top is the innermost block. One is open wherever a value is.
func (l *layouter) top() block { return l.open[len(l.open)-1] }

func trimSpace(s string) string { return strings.Trim(s, " \t") }

// isDash reports whether a line begins an element of a list.
func isDash(text string) bool {
	return text != "" && text[0] == '-' && (len(text) == 1 || text[1] == ' ' || text[1] == '\t')
}
