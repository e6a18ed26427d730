// Package contrast judges the colours of pictures, for tests.
package contrast

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
)

// Colour is in sRGB, each part from 0 to 1.
type Colour [3]float64

var (
	scheme = regexp.MustCompile(`\.xbuild\{(--[^}]*)\}`)
	named  = regexp.MustCompile(`--(\w+):#([0-9a-f]+)`)
)

// Schemes are the colours by name, light and dark, that style files define. Each has to define both.
func Schemes(files ...string) (schemes [2]map[string]Colour, err error) {
	schemes = [2]map[string]Colour{{}, {}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return schemes, err
		}
		found := scheme.FindAllStringSubmatch(string(data), -1)
		if len(found) != 2 {
			return schemes, fmt.Errorf("%s has %d colour schemes", file, len(found))
		}
		for i, f := range found {
			for _, m := range named.FindAllStringSubmatch(f[1], -1) {
				if schemes[i][m[1]], err = parse(m[2]); err != nil {
					return schemes, fmt.Errorf("%s: --%s: %w", file, m[1], err)
				}
			}
		}
	}
	return schemes, nil
}

func parse(hex string) (c Colour, err error) {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 24)
	return Colour{float64(n>>16) / 255, float64(n>>8&0xff) / 255, float64(n&0xff) / 255}, err
}

// Linear is the colour in parts that light adds up in.
func (c Colour) Linear() (l [3]float64) {
	for i, v := range c {
		if v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return l
}

// Ratio is how well one colour is seen on another, from 1 to 21.
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func Ratio(a, b Colour) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(c Colour) float64 {
	l := c.Linear()
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}
