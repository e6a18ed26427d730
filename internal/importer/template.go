package importer

import (
	"errors"
	"fmt"
	"strings"
	"text/template/parse"
)

// resolver gives a text of the file as one of the spec, which may be a template. It fails
// when the spec has no equal.
type resolver func(p at, text string) (string, error)

// stamps are what templates of GoReleaser and ko may name that a spec has an equal of.
// https://goreleaser.com/customization/templates https://ko.build/configuration
var stamps = map[string]string{
	"Version":         "{{.Version}}",
	"Tag":             "v{{.Version}}",
	"Commit":          "{{.Revision}}",
	"FullCommit":      "{{.Revision}}",
	"ShortCommit":     "{{.ShortRevision}}",
	"Date":            "{{.Date}}",
	"CommitDate":      "{{.Date}}",
	"Os":              "{{.OS}}",
	"Arch":            "{{.Arch}}",
	"GitURL":          "{{.Source}}",
	"Git.Tag":         "v{{.Version}}",
	"Git.FullCommit":  "{{.Revision}}",
	"Git.ShortCommit": "{{.ShortRevision}}",
	"Git.CommitDate":  "{{.Date}}",
	"GoEnv.GOOS":      "{{.OS}}",
	"GoEnv.GOARCH":    "{{.Arch}}",
}

// differs says of a stamp of the spec what is not as in the file.
var differs = map[string]string{
	"{{.Version}}":       "{{.Version}} is the build arg VERSION, which the request gives",
	"v{{.Version}}":      "v{{.Version}} is the build arg VERSION after a v: give it the tag without its v",
	"{{.ShortRevision}}": "{{.ShortRevision}} has 12 characters",
	"{{.Date}}":          "{{.Date}} is the build arg SOURCE_DATE_EPOCH, 1970 without it",
}

// template gives a template of GoReleaser or ko as one of the spec.
func (d *draft) template(p at, text string) (string, error) {
	if !strings.Contains(text, "{{") {
		return literal(text), nil
	}
	t := parse.New("text")
	t.Mode = parse.SkipFuncCheck
	if _, err := t.Parse(text, "", "", map[string]*parse.Tree{}); err != nil {
		return "", fmt.Errorf("no template: %s", strings.TrimPrefix(err.Error(), "template: "))
	}
	var out strings.Builder
	for _, n := range t.Root.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			out.WriteString(literal(string(n.Text)))
		case *parse.ActionNode:
			s, err := d.action(p, n)
			if err != nil {
				return "", err
			}
			out.WriteString(s)
		default:
			return "", fmt.Errorf("a spec has no equal of %s", plain(n.String()))
		}
	}
	return out.String(), nil
}

// action gives one {{…}} as that of the spec.
func (d *draft) action(p at, n *parse.ActionNode) (string, error) {
	noEqual := fmt.Errorf("a spec has no equal of %s", plain(n.String()))
	if len(n.Pipe.Cmds) != 1 || len(n.Pipe.Decl) > 0 {
		return "", noEqual
	}
	args := n.Pipe.Cmds[0].Args
	switch first := args[0].(type) {
	case *parse.StringNode:
		if len(args) == 1 {
			return literal(first.Text), nil
		}
	case *parse.IdentifierNode:
		if first.Ident != "envOrDefault" || len(args) != 3 {
			break
		}
		name, ok1 := args[1].(*parse.StringNode)
		value, ok2 := args[2].(*parse.StringNode)
		if ok1 && ok2 {
			return d.envArg(p, name.Text, value.Text)
		}
	case *parse.FieldNode:
		if len(args) == 1 {
			return d.stamp(p, first.Ident, noEqual)
		}
	}
	return "", noEqual
}

func (d *draft) stamp(p at, path []string, noEqual error) (string, error) {
	name := strings.Join(path, ".")
	switch {
	case len(path) == 2 && path[0] == "Env":
		return d.envArg(p, path[1], d.env[path[1]])
	case name == "ProjectName" && d.project != "":
		return literal(d.project), nil
	case stamps[name] == "":
		return "", noEqual
	}
	d.hint(p, stamps[name])
	return stamps[name], nil
}

// envArg gives what stands for a variable of the environment: a build arg.
func (d *draft) envArg(p at, name, value string) (string, error) {
	if name == "VERSION" {
		return stamps["Version"], nil
	}
	if strings.Contains(value, "{{") {
		return "", fmt.Errorf("the value of %s is a template", name)
	}
	return d.arg(p, name, value)
}

// hint says once how a stamp differs.
func (d *draft) hint(p at, stamp string) {
	if differs[stamp] != "" && !d.hinted[stamp] {
		put(&d.hinted, stamp, true)
		d.note(p, "note: ", "%s", differs[stamp])
	}
}

// literal writes text so that no template is in it.
func literal(s string) string {
	if strings.Contains(s, "{{") || strings.HasSuffix(s, "{") {
		return strings.ReplaceAll(s, "{", `{{"{"}}`)
	}
	return s
}

// firstAtom is the first of the characters that stand for what is not to be split. They have
// no meaning of their own in Unicode.
const (
	firstAtom = '\ue000'
	maxAtoms  = 0x1000
)

var errPrivateUse = errors.New("a character for private use is in it")

// atoms stand for parts of a text that are not to be split.
type atoms []string

// add gives the character that stands for a part.
func (a *atoms) add(part string) (string, error) {
	if len(*a) >= maxAtoms {
		return "", errTooMany
	}
	*a = append(*a, part)
	return string(firstAtom + rune(len(*a)-1)), nil
}

func (a atoms) index(r rune) (int, bool) {
	i := int(r - firstAtom)
	return i, r >= firstAtom && i < len(a)
}

// restore puts the parts back.
func (a atoms) restore(text string) string {
	var out strings.Builder
	for _, r := range text {
		if i, ok := a.index(r); ok {
			out.WriteString(a[i])
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// hasAtom reports whether a text holds a character that could stand for a part.
func hasAtom(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r >= firstAtom && r < firstAtom+maxAtoms })
}

// maskActions puts atoms in the place of {{…}}.
func (a *atoms) maskActions(text string) (string, error) {
	if hasAtom(text) {
		return "", errPrivateUse
	}
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{{")
		inside, after, closed := strings.Cut(rest, "}}")
		if !ok || !closed {
			out.WriteString(text)
			return out.String(), nil
		}
		atom, err := a.add("{{" + inside + "}}")
		if err != nil {
			return "", err
		}
		out.WriteString(before + atom)
		text = after
	}
}

// goWords parts text as the go command parts the value of -ldflags.
func goWords(text string) (words []string, err error) {
	const space = " \t\r\n"
	for text = strings.TrimLeft(text, space); text != ""; text = strings.TrimLeft(text, space) {
		if q := text[:1]; q == "'" || q == `"` {
			word, rest, closed := strings.Cut(text[1:], q)
			if !closed {
				return nil, fmt.Errorf("a %s is never closed", q)
			}
			words, text = append(words, word), rest
			continue
		}
		end := strings.IndexAny(text, space)
		if end < 0 {
			end = len(text)
		}
		words, text = append(words, text[:end]), text[end:]
	}
	return words, nil
}

// goQuote writes a word so that goWords gives it.
func goQuote(word string) (string, error) {
	switch {
	case word != "" && !strings.ContainsAny(word, " \t\r\n'\""):
		return word, nil
	case !strings.Contains(word, "'"):
		return "'" + word + "'", nil
	case !strings.Contains(word, `"`):
		return `"` + word + `"`, nil
	}
	return "", errors.New("it has both kinds of quotes")
}
