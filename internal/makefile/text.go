package makefile

import (
	"regexp"
	"slices"
	"strings"
)

// text is a text of a plan in which values are to be filled in.
type text struct {
	clean []piece
	dirty []piece // when the source differs from its revision, nil when that changes nothing
}

// piece is a literal, or the value of a variable.
type piece struct{ literal, variable string }

func literal(s string) text { return text{clean: []piece{{literal: s}}} }

func literals(list []string) (out []text) {
	for _, s := range list {
		out = append(out, literal(s))
	}
	return out
}

// pieces gives those of the text for a source that is dirty, or not.
func (t text) pieces(dirty bool) []piece {
	if dirty && t.dirty != nil {
		return t.dirty
	}
	return t.clean
}

func (t text) equal(o text) bool {
	return slices.Equal(t.clean, o.clean) && slices.Equal(t.dirty, o.dirty)
}

func (t text) hasBreak() bool {
	return strings.ContainsAny(t.String(), "\n\r\x00")
}

// String is the text for people, and for comparison.
func (t text) String() string {
	var out strings.Builder
	for i, list := range [][]piece{t.clean, t.dirty} {
		if i > 0 && list != nil {
			out.WriteString(" or ")
		}
		for _, p := range list {
			out.WriteString(p.literal)
			if p.variable != "" {
				out.WriteString("$" + p.variable)
			}
		}
	}
	return out.String()
}

var (
	plainRE  = regexp.MustCompile(`^[A-Za-z0-9._~+-]+$`)
	safeRE   = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)
	wordRE   = regexp.MustCompile(`^[A-Za-z0-9_]`)
	inDouble = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`)
)

// isPlain reports whether a name means itself to make, to the shell and to the go command.
func isPlain(name string) bool { return plainRE.MatchString(name) }

// recipe writes a text as one word of a command in a recipe.
func recipe(list []piece) string {
	var plain, double strings.Builder
	filled := false
	for i, p := range list {
		plain.WriteString(p.literal)
		double.WriteString(inDouble.Replace(p.literal))
		if p.variable == "" {
			continue
		}
		filled = true
		name := p.variable
		if i+1 < len(list) && wordRE.MatchString(list[i+1].literal) {
			name = "{" + name + "}"
		}
		double.WriteString("$" + name)
	}
	if filled {
		return escape(`"` + double.String() + `"`)
	}
	return escape(shellWord(plain.String()))
}

// assignment writes KEY=value as a command takes it before its name.
func assignment(list []piece) string {
	key, value, _ := strings.Cut(list[0].literal, "=")
	rest := append([]piece{{literal: value, variable: list[0].variable}}, list[1:]...)
	if len(rest) == 1 && rest[0] == (piece{}) {
		return key + "="
	}
	return key + "=" + recipe(rest)
}

func shellWord(s string) string {
	if safeRE.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// escape keeps make from expanding a text.
func escape(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// value writes a text as the value of a variable, which is what $(NAME) then gives.
func value(s string) string {
	s = strings.ReplaceAll(escape(s), "#", "$(hash)")
	if strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t") {
		s = "$(empty)" + s
	}
	if strings.HasSuffix(s, `\`) {
		s += "$(empty)"
	}
	return s
}
