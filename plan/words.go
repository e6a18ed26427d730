package plan

import (
	"errors"
	"fmt"
	"strings"
)

// splitWords parts text at white space as the go command parts the value of -ldflags: a
// word that begins with a quote ends at the next one like it. What is between {{ and }}
// belongs to one word. https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func splitWords(text string) (words []string, err error) {
	for text = strings.TrimLeft(text, spaces); text != ""; text = strings.TrimLeft(text, spaces) {
		if quote := text[0]; quote == '\'' || quote == '"' {
			word, rest, closed := strings.Cut(text[1:], string(quote))
			if !closed {
				return nil, fmt.Errorf("this %c is never closed: %s", quote, text)
			}
			words, text = append(words, word), rest
			continue
		}
		n := wordEnd(text)
		words, text = append(words, text[:n]), text[n:]
	}
	return words, nil
}

const spaces = " \t\r\n"

// wordEnd is the length of the word, without quotes, that text begins with.
func wordEnd(text string) int {
	inside := false
	for i := range len(text) {
		switch {
		case strings.HasPrefix(text[i:], "{{"):
			inside = true
		case strings.HasPrefix(text[i:], "}}"):
			inside = false
		case !inside && strings.IndexByte(spaces, text[i]) >= 0:
			return i
		}
	}
	return len(text)
}

// quoteWord writes a word so that the go command takes it for one.
func quoteWord(word string) (string, error) {
	switch {
	case word != "" && !strings.ContainsAny(word, spaces+`'"`):
		return word, nil
	case !strings.Contains(word, "'"):
		return "'" + word + "'", nil
	case !strings.Contains(word, `"`):
		return `"` + word + `"`, nil
	default:
		return "", errors.New("go can't take a flag of the linker with both kinds of quotes: " + word)
	}
}
