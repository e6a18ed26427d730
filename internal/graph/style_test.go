package graph_test

import (
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/svg/contrast"
)

// TestContrast holds that text can be read on every fill of the style, in light and dark.
// https://www.w3.org/TR/WCAG22/#contrast-minimum
func TestContrast(t *testing.T) {
	schemes, err := contrast.Schemes("../svg/theme.css", "style.css")
	if err != nil {
		t.Fatal(err)
	}
	for i, colours := range schemes {
		for _, fill := range strings.Fields("bg all p0 p1 p2 p3 p4 p5") {
			for _, ink := range []string{"fg", "soft"} {
				if ratio := contrast.Ratio(colours[fill], colours[ink]); !(ratio >= 4.5) {
					t.Errorf("scheme %d: --%s on --%s has a contrast of %.2f", i, ink, fill, ratio)
				}
			}
		}
	}
}
