// Package svg has what pictures share: their head, their text, and a look in light and dark, as the reader prefers.
// The font has a fixed width, so how wide a text is can be known.
package svg

import (
	_ "embed"
	"encoding/xml"
	"fmt"
	"strings"
)

//go:embed theme.css
var theme string

// Canvas is an SVG as it is written, from Open to Close. Lengths are in pixels.
type Canvas struct{ out strings.Builder }

// Open begins a picture, which has a title and a description for those who don't see it, and a style besides that of
// all pictures.
func (c *Canvas) Open(width, height int, title, desc, style string) {
	c.Printf(`<svg xmlns="http://www.w3.org/2000/svg" class="xbuild" width="%d" height="%d" viewBox="0 0 %d %d" role="graphics-document" aria-labelledby="title desc">`+"\n",
		width, height, width, height)
	c.Printf("<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n", Escape(title), Escape(desc))
	c.Printf("<style>%s%s</style>\n<rect width=\"100%%\" height=\"100%%\" style=\"fill:var(--bg);stroke:none\"/>\n", theme, style)
}

// Close ends the picture and gives it.
func (c *Canvas) Close() []byte {
	c.Printf("</svg>\n")
	return []byte(c.out.String())
}

// Printf writes markup.
func (c *Canvas) Printf(format string, args ...any) { fmt.Fprintf(&c.out, format, args...) }

// Text writes one line of text, its base line beginning at x and y.
func (c *Canvas) Text(x, y int, class, t string) {
	c.Printf("<text class=%q x=\"%d\" y=\"%d\">%s</text>\n", class, x, y, Escape(t))
}

// Escape makes a text fit to be written between tags or in an attribute. Characters that XML
// can't have become U+FFFD.
func Escape(t string) string {
	var out strings.Builder
	xml.EscapeText(&out, []byte(t)) // a Builder takes all
	return out.String()
}
