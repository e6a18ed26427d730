package yamlfmt

import (
	"strconv"
	"strings"
)

// keyEnd is where the colon is that ends a key in block style which text begins with, 0 for none.
func keyEnd(text string) int {
	start := 0
	for start < len(text) && (text[start] == '&' || text[start] == '!') {
		n := strings.IndexByte(text[start:], ' ')
		if n < 0 {
			return 0
		}
		start += n
		start += len(text[start:]) - len(strings.TrimLeft(text[start:], " "))
	}
	switch rest := text[start:]; {
	case rest == "" || strings.IndexByte("#|>[{", rest[0]) >= 0:
		return 0
	case rest[0] == '"' || rest[0] == '\'':
		n := quoteEnd(rest)
		if n < 0 {
			return 0
		}
		after := strings.TrimLeft(rest[n:], " \t")
		if !isColon(after) {
			return 0
		}
		return len(text) - len(after)
	}
	for i := start; i < len(text); i++ {
		switch {
		case isColon(text[i:]) && i > start:
			return i
		case text[i] == '#' && i > 0 && isSpace(text[i-1]):
			return 0
		}
	}
	return 0
}

func isColon(text string) bool {
	return text != "" && text[0] == ':' && (len(text) == 1 || isSpace(text[1]))
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// quoteEnd is how long the quoted text is that text begins with, -1 where it goes on.
func quoteEnd(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[0] == '"' && text[i] == '\\':
			i++
		case text[i] != text[0]:
		case text[0] == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i + 1
		}
	}
	return -1
}

// plainEnd is how long a plain text is, without the spaces and the comment after it.
func plainEnd(text string) int {
	for i := range len(text) {
		if text[i] == '#' && i > 0 && isSpace(text[i-1]) {
			text = text[:i]
			break
		}
	}
	return len(strings.TrimRight(text, " \t"))
}

// plain lays out a text without quotes, which goes on on deeper lines.
func (l *layouter) plain(prefix, text string) error {
	for {
		n := plainEnd(text)
		comment := trimSpace(text[n:])
		l.emit(joined(prefix, text[:n]), comment)
		blank := 0
		for l.at+blank < len(l.lines) && trimSpace(l.lines[l.at+blank]) == "" {
			blank++
		}
		if comment != "" || l.at+blank >= len(l.lines) {
			return nil
		}
		line := l.lines[l.at+blank]
		text = trimSpace(line)
		if indentation(line) <= l.top().col || text[0] == '#' {
			return nil
		}
		l.out = append(l.out, make([]string, blank)...)
		l.at += blank
		prefix = strings.Repeat(" ", l.top().to+2)
	}
}

// quoted lays out a text in quotes. The ends of its lines are its own.
func (l *layouter) quoted(prefix, text string) error {
	line, open := joined(prefix, ""), 0
	for quote := text[:1]; ; {
		if n := quoteEnd(quote[:open] + text); n >= 0 {
			n -= open
			rest := trimSpace(text[n:])
			if rest != "" && (rest[0] != '#' || !isSpace(text[n])) {
				return errLayout
			}
			l.emit(line+text[:n], rest)
			return nil
		}
		l.emit(line+text, "")
		if l.at >= len(l.lines) {
			return errLayout
		}
		text, open = strings.TrimLeft(l.lines[l.at], " \t"), 1
		if line = ""; text != "" {
			line = strings.Repeat(" ", l.top().to+2)
		}
	}
}

// blockScalar lays out a text whose lines are its own, but for their indentation.
func (l *layouter) blockScalar(prefix, text string) error {
	header := text[:plainEnd(text)]
	l.emit(joined(prefix, header), text[len(header):])
	from, to := -1, l.top().to+2
	if i := strings.IndexAny(header, "123456789"); i >= 0 {
		n, err := strconv.Atoi(header[i : i+1])
		if err != nil {
			return err
		}
		from, to = l.top().col+n, l.top().to+n
	}
	end := l.at
	for i := l.at; i < len(l.lines); i++ {
		line := strings.TrimLeft(l.lines[i], " ")
		col := len(l.lines[i]) - len(line)
		if line != "" && col <= l.top().col {
			break
		}
		if line != "" && from < 0 {
			from = col
		}
		if line != "" || strings.Contains(header, "+") || from >= 0 && col > from {
			end = i + 1
		}
	}
	for ; l.at < end; l.at++ {
		line := l.lines[l.at]
		if len(line) <= from && strings.Trim(line, " ") == "" || from < 0 {
			l.out = append(l.out, "")
			continue
		}
		if strings.Trim(line[:from], " ") != "" {
			return errLayout
		}
		l.out = append(l.out, strings.Repeat(" ", to)+line[from:])
	}
	l.openEnd, l.keepEnd = true, strings.Contains(header, "+")
	return nil
}
