package dockerfile

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/acme/xbuild/internal/diag"
)

// part is a piece of a text: what it says, or the build arg whose value comes there.
type part struct {
	text string
	arg  string
}

// parts splits a text at the tokens of build args.
func (e *emitter) parts(text string) (out []part) {
	for text != "" {
		at, found := len(text), Var{}
		for _, v := range e.in.Vars {
			if i := strings.Index(text, v.Token); i >= 0 && (i < at || i == at && len(v.Token) > len(found.Token)) {
				at, found = i, v
			}
		}
		if at > 0 {
			out = append(out, part{text: text[:at]})
		}
		if found.Token != "" {
			out = append(out, part{arg: found.Name})
		}
		text = text[at+len(found.Token):]
	}
	return out
}

func hasArg(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.arg != "" })
}

// plain is what neither a shell nor BuildKit reads as anything but itself.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./:=@%+,~^-]+$`)

// checked reports characters that end a line or that no Dockerfile can hold.
func (e *emitter) checked(pos diag.Pos, text string) string {
	control := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f || r == 0x85 || r == 0x2028 || r == 0x2029 }
	if strings.ContainsFunc(text, control) || !utf8.ValidString(text) {
		e.unsaid(pos, "a Dockerfile can't hold a line break or another control character outside of JSON: %q", text)
		return "unsaid"
	}
	return text
}

// sh writes a word for a shell.
func (e *emitter) sh(pos diag.Pos, word string) string {
	word = e.checked(pos, word)
	parts := e.parts(word)
	switch {
	case plain.MatchString(word) && !hasArg(parts):
		return word
	case !hasArg(parts) && !strings.Contains(word, "'"):
		return "'" + word + "'"
	}
	var out strings.Builder
	for _, p := range parts {
		if p.arg != "" {
			out.WriteString("${" + p.arg + "}")
			continue
		}
		out.WriteString(shellEscapes.Replace(p.text))
	}
	return `"` + out.String() + `"`
}

var shellEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "`", "\\`")

// word writes a word of an instruction in which BuildKit replaces build args.
func (e *emitter) word(pos diag.Pos, word string) string {
	word = e.checked(pos, word)
	parts := e.parts(word)
	if plain.MatchString(word) {
		return e.expanded(parts, "")
	}
	return `"` + e.expanded(parts, `"`) + `"`
}

// expanded joins parts as BuildKit takes them, with a backslash before what it would replace.
func (e *emitter) expanded(parts []part, also string) string {
	var out strings.Builder
	for _, p := range parts {
		if p.arg != "" {
			out.WriteString("${" + p.arg + "}")
			continue
		}
		for _, r := range p.text {
			if strings.ContainsRune(`\$`+also, r) {
				out.WriteByte('\\')
			}
			out.WriteRune(r)
		}
	}
	return out.String()
}

// json writes a list that BuildKit takes as it is.
func (e *emitter) json(pos diag.Pos, list []string) string {
	for _, s := range list {
		if !utf8.ValidString(s) {
			e.checked(pos, s)
		}
		if hasArg(e.parts(s)) {
			e.unsaid(pos, "a Dockerfile replaces no build args in a command, and this is one: %q", e.readable(s))
		}
	}
	return encode(list)
}

// jsonWords writes a list of paths, in which BuildKit replaces build args.
func (e *emitter) jsonWords(pos diag.Pos, list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = e.expanded(e.parts(e.checked(pos, s)), `'"`)
	}
	return encode(out)
}

// encode writes a list as JSON.
func encode(list []string) string {
	words := make([]string, len(list))
	for i, s := range list {
		var out strings.Builder
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s); err != nil {
			panic(err) // a string
		}
		words[i] = strings.TrimSuffix(out.String(), "\n")
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// readable is a text with the names of build args in place of tokens.
func (e *emitter) readable(text string) string {
	var out strings.Builder
	for _, p := range e.parts(text) {
		if p.arg != "" {
			out.WriteString("${" + p.arg + "}")
		}
		out.WriteString(p.text)
	}
	return out.String()
}

// declaration is the line that gives the build arg its default.
func (v Var) declaration() string {
	switch {
	case v.Default == "":
		return "ARG " + v.Name
	case plain.MatchString(v.Default), strings.HasPrefix(v.Default, "${"):
		return "ARG " + v.Name + "=" + v.Default
	default:
		return "ARG " + v.Name + `="` + (&emitter{}).expanded([]part{{text: v.Default}}, `"`) + `"`
	}
}
