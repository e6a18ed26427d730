package importer

import (
	"errors"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// vars are variables with their values, in which atoms stand for what is known only in a build.
type vars map[string]string

// Get gives a variable.
func (v vars) Get(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

// Keys gives the names of all variables.
func (v vars) Keys() []string { return sorted(v) }

// commands parts a script into its simple commands, whose words still have quotes and variables; what
// a command in it would print is an atom. Control words as if and done are words like others.
func (a *atoms) commands(script string) (out [][]string, err error) {
	s := shellScanner{atoms: a, rest: script}
	for s.rest != "" && s.err == nil {
		s.step()
	}
	s.endCommand()
	return s.commands, s.err
}

// shellScanner parts a script.
type shellScanner struct {
	*atoms
	rest     string
	word     strings.Builder
	inWord   bool
	words    []string
	commands [][]string
	err      error
}

func (s *shellScanner) endWord() {
	if s.inWord {
		s.words = append(s.words, s.word.String())
	}
	s.word.Reset()
	s.inWord = false
}

func (s *shellScanner) endCommand() {
	s.endWord()
	if len(s.words) > 0 {
		s.commands = append(s.commands, s.words)
	}
	s.words = nil
}

// take moves n bytes to the word.
func (s *shellScanner) take(n int) {
	n = min(n, len(s.rest))
	s.word.WriteString(s.rest[:n])
	s.rest, s.inWord = s.rest[n:], true
}

// step takes what the rest begins with, outside of quotes.
func (s *shellScanner) step() {
	switch c := s.rest[0]; {
	case strings.HasPrefix(s.rest, "\\\n"):
		s.rest = s.rest[2:]
	case c == '\\':
		s.take(2)
	case c == '\'':
		n := strings.IndexByte(s.rest[1:], '\'')
		if n < 0 {
			n = len(s.rest)
		}
		s.take(n + 2)
	case c == '"':
		s.doubleQuoted()
	case strings.HasPrefix(s.rest, "$(") || c == '`':
		s.substitution()
	case strings.HasPrefix(s.rest, "${"):
		n := strings.IndexByte(s.rest, '}')
		s.take(max(n+1, 2))
	case strings.IndexByte(" \t\r", c) >= 0:
		s.endWord()
		s.rest = s.rest[1:]
	case strings.IndexByte("\n;&|(){}", c) >= 0 && (c != '{' && c != '}' || !s.inWord):
		s.endCommand()
		s.rest = s.rest[1:]
	case c == '#' && !s.inWord:
		_, s.rest, _ = strings.Cut(s.rest, "\n")
		s.endCommand()
	default:
		s.take(1)
	}
}

// doubleQuoted takes a text in double quotes.
func (s *shellScanner) doubleQuoted() {
	for s.take(1); s.rest != "" && s.rest[0] != '"' && s.err == nil; {
		switch {
		case strings.HasPrefix(s.rest, "\\\n"):
			s.rest = s.rest[2:]
		case s.rest[0] == '\\':
			s.take(2)
		case strings.HasPrefix(s.rest, "$(") || s.rest[0] == '`':
			s.substitution()
		default:
			s.take(1)
		}
	}
	s.take(1)
}

// substitution puts an atom in the place of what a command prints.
func (s *shellScanner) substitution() {
	n := len(s.rest)
	if s.rest[0] == '`' {
		if i := strings.IndexByte(s.rest[1:], '`'); i >= 0 {
			n = i + 2
		}
	} else {
		depth := 0
		for i := range len(s.rest) {
			switch s.rest[i] {
			case '(':
				depth++
			case ')':
				if depth--; depth == 0 {
					n = i + 1
				}
			}
			if n == i+1 {
				break
			}
		}
	}
	atom, err := s.add(s.rest[:n])
	s.err = err
	s.word.WriteString(atom)
	s.rest, s.inWord = s.rest[n:], true
}

// maxExpanded is how long a word may become by the values of its variables.
const maxExpanded = 256 << 10

var errTooLong = errors.New("it is too long with the values of its variables")

// expand gives a word without quotes and with the values of its variables; an atom stands for a
// variable that is not known. Known says that there was none.
func (a *atoms) expand(lex *shell.Lex, word string, env vars) (text string, known bool, err error) {
	longest := 0
	for _, value := range env {
		longest = max(longest, len(value))
	}
	if len(word)+strings.Count(word, "$")*longest > maxExpanded {
		return "", false, errTooLong
	}
	r, err := lex.ProcessWordWithMatches(word, env)
	if err != nil || len(r.Unmatched) == 0 {
		return r.Result, true, err
	}
	with := vars{}
	for name, value := range env {
		with[name] = value
	}
	for _, name := range sorted(r.Unmatched) {
		if with[name], err = a.add("$" + name); err != nil {
			return "", false, err
		}
	}
	r, err = lex.ProcessWordWithMatches(word, with)
	return r.Result, false, err
}

// isName reports whether a text can name a variable of a shell.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) && (s[0] < '0' || s[0] > '9')
}

// assignments gives the variables that a command begins with, and the words after them.
func assignments(words []string) (env [][2]string, rest []string) {
	for i, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok || !isName(name) {
			return env, words[i:]
		}
		env = append(env, [2]string{name, value})
	}
	return env, nil
}

// certFiles are files of systems that an image on scratch has anyway, by Image.Certs.
var certFiles = []string{"/etc/ssl", "/etc/ca-certificates", "/usr/share/zoneinfo", "/usr/local/go/lib/time", "/etc/passwd", "/etc/group", "/tmp"}

func isCertFile(p string) bool {
	return slices.ContainsFunc(certFiles, func(c string) bool { return p == c || strings.HasPrefix(p, c+"/") })
}
