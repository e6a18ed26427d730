package plot

import (
	"fmt"
	"math"
	"testing"

	"github.com/acme/xbuild/internal/svg/contrast"
)

// sight maps what there is, in linear parts, to what people see: all colours, or no red, green or blue of its own.
// https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/CVD_Simulation.html
var sight = map[string][3][3]float64{
	"all":          {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{.152286, 1.052583, -.204868}, {.114503, .786281, .099216}, {-.003882, -.048116, 1.051998}},
	"deuteranopia": {{.367322, .860646, -.227968}, {.280085, .672501, .047413}, {-.011820, .042940, .968881}},
	"tritanopia":   {{1.255528, -.076749, -.178779}, {-.078411, .930809, .147602}, {.004733, .691367, .3039}},
}

func times(m [3][3]float64, v [3]float64) (out [3]float64) {
	for i, row := range m {
		out[i] = row[0]*v[0] + row[1]*v[1] + row[2]*v[2]
	}
	return out
}

// distance is how different colours look, in Oklab, where black and white are 1 apart. https://bottosson.github.io/posts/oklab/
func distance(a, b contrast.Colour, sight [3][3]float64) float64 {
	lab := func(c contrast.Colour) [3]float64 {
		rgb := times(sight, c.Linear())
		for i, v := range rgb {
			rgb[i] = min(max(v, 0), 1)
		}
		lms := times([3][3]float64{{.4122214708, .5363325363, .0514459929}, {.2119034982, .6806995451, .1073969566}, {.0883024619, .2817188376, .6299787005}}, rgb)
		for i, v := range lms {
			lms[i] = math.Cbrt(v)
		}
		return times([3][3]float64{{.2104542553, .7936177850, -.0040720468}, {1.9779984951, -2.4285922050, .4505937099}, {.0259040371, .7827717662, -.8086757660}}, lms)
	}
	x, y := lab(a), lab(b)
	return math.Sqrt((x[0]-y[0])*(x[0]-y[0]) + (x[1]-y[1])*(x[1]-y[1]) + (x[2]-y[2])*(x[2]-y[2]))
}

// TestColours holds that columns are seen on the background, and told from each other by the colour-blind, in light and dark.
// https://www.w3.org/TR/WCAG22/#non-text-contrast
func TestColours(t *testing.T) {
	schemes, err := contrast.Schemes("../../internal/svg/theme.css", "style.css")
	if err != nil {
		t.Fatal(err)
	}
	for i, colours := range schemes {
		for a := range Colours {
			colour := colours[fmt.Sprintf("c%d", a)]
			if ratio := contrast.Ratio(colours["bg"], colour); !(ratio >= 3) {
				t.Errorf("scheme %d: --c%d has a contrast of %.2f", i, a, ratio)
			}
			for b := range a {
				for who, s := range sight {
					if d := distance(colour, colours[fmt.Sprintf("c%d", b)], s); !(d >= .1) {
						t.Errorf("scheme %d, %s: --c%d and --c%d are %.3f apart", i, who, b, a, d)
					}
				}
			}
		}
	}
}
