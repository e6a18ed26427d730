package yamlfmt

import "strings"

// flow lays out a list or mapping in brackets: it keeps its lines.
func (l *layouter) flow(prefix, text string) error {
	var (
		depth int
		line  = joined(prefix, "")
		last  string // the token before, "" at the beginning of a line
	)
	for {
		if text = strings.TrimLeft(text, " \t"); text == "" || text[0] == '#' {
			if text == "" || strings.TrimLeft(line, " ") != "" {
				line = strings.TrimRight(line, " ")
			}
			l.emit(line, text)
			if depth == 0 {
				return nil
			}
			if l.at >= len(l.lines) {
				return errLayout
			}
			text, last = strings.TrimLeft(l.lines[l.at], " \t"), ""
			line = l.flowIndent(text, depth)
			continue
		}
		if depth == 0 && last != "" {
			return errLayout // more after the end
		}
		token := flowToken(text, last)
		if token == "" {
			return errLayout
		}
		switch token {
		case "[", "{":
			depth++
		case "]", "}":
			depth--
		}
		if last != "" && spaced(last, token) {
			line += " "
		}
		line, text, last = line+token, text[len(token):], token
		if text != "" && text[0] == '#' {
			return errLayout
		}
	}
}

// flowIndent is the indentation of a further line of a flow collection.
func (l *layouter) flowIndent(text string, depth int) string {
	if text == "" {
		return ""
	}
	for text != "" && (text[0] == ']' || text[0] == '}') {
		depth, text = depth-1, strings.TrimLeft(text[1:], " \t")
	}
	return strings.Repeat(" ", l.top().inside()+2*max(depth, 0))
}

// flowToken is a bracket, a comma, a colon, or a text, which text begins with after another
// token; "" for what can't be laid out.
func flowToken(text, last string) string {
	switch text[0] {
	case '[', ']', '{', '}', ',':
		return text[:1]
	case '"', '\'':
		return text[:max(0, quoteEnd(text))]
	case ':':
		if flowColon(text) || last != "" && strings.IndexByte(`"']}`, last[0]) >= 0 {
			return text[:1]
		}
	case '?':
		return ""
	}
	for i := range len(text) {
		switch {
		case strings.IndexByte(",[]{}", text[i]) >= 0, flowColon(text[i:]), text[i] == '#' && i > 0 && isSpace(text[i-1]):
			return strings.TrimRight(text[:i], " \t")
		}
	}
	return strings.TrimRight(text, " \t")
}

// flowColon reports whether text begins with a colon that a text does not hold.
func flowColon(text string) bool {
	return text[0] == ':' && (len(text) == 1 || strings.IndexByte(" \t,[]{}", text[1]) >= 0)
}

// spaced reports whether a space is between two tokens of a line.
func spaced(a, b string) bool {
	switch {
	case a == "[" || a == "{" || b == "]" || b == "}" || b == ",":
		return false
	case b == ":":
		return a[0] == '*' || a[0] == '&' || a == ","
	}
	return true
}
