// Package markup makes HTML of what people write.
package markup

import (
	"bytes"
	"html/template"
	"regexp"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

var (
	markdown = goldmark.New(
		goldmark.WithExtensions(extension.GFM, extension.Footnote),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	)
	policy = bluemonday.UGCPolicy().AllowAttrs("type", "checked", "disabled").OnElements("input")
	link   = regexp.MustCompile(`\[\[([\w-]+)\]\]`)
)

// HTML makes safe HTML of Markdown, in which [[name]] is a link to another page.
func HTML(text string) (template.HTML, error) {
	source := link.ReplaceAll([]byte(text), []byte("[$1](/pages/$1)"))
	var b bytes.Buffer
	if err := markdown.Convert(source, &b); err != nil {
		return "", err
	}
	return template.HTML(policy.SanitizeBytes(b.Bytes())), nil
}
