package markup

import "testing"

func TestHTML(t *testing.T) {
	for text, want := range map[string]string{
		"*hi*":                       "<p><em>hi</em></p>\n",
		"see [[to-do]]":              `<p>see <a href="/pages/to-do" rel="nofollow">to-do</a></p>` + "\n",
		"a <script>alert()</script>": "<p>a alert()</p>\n",
	} {
		if got, err := HTML(text); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
}
