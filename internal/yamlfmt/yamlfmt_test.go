package yamlfmt_test

import (
	"testing"

	"github.com/acme/xbuild/internal/yamlfmt"
	"github.com/google/go-cmp/cmp"
)

// TestFormat holds how each form is laid out, and that what is laid out stays as it is.
func TestFormat(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"blank", "\n\n", ""},
		{"first line", "# syntax = x  \na:   b\n", "# syntax = x  \na: b\n"},
		{"byte order mark", "\ufeff#syntax=x\r\na:   b\r\n", "\ufeff#syntax=x\r\na: b\n"},
		{"no line break at the end", "a: b", "a: b\n"},
		{"indentation", "a:\n    b:\n       c: d\n    e: f\n", "a:\n  b:\n    c: d\n  e: f\n"},
		{"indented whole", "  a: b\n  c: d\n", "a: b\nc: d\n"},
		{"lists", "a:\n- b\n-   c\nd:\n      - e\n", "a:\n  - b\n  - c\nd:\n  - e\n"},
		{"lists in lists", "a:\n-   - b\n    - c\n-\n   - d\n", "a:\n  - - b\n    - c\n  -\n    - d\n"},
		{"mappings in lists", "a:\n-   b: c\n    d: e\n- f: g\n", "a:\n  - b: c\n    d: e\n  - f: g\n"},
		{"spaces", "a :  b   \nc:\t'd'\t# e\n", "a: b\nc: 'd' # e\n"},
		{"blank lines", "a: b\n\n\n  \nc: d\n\n", "a: b\n\nc: d\n"},
		{"aligned comments", "a:\n    b: c     # one\n    dd: e    # two\nf: g # h\n", "a:\n  b: c     # one\n  dd: e    # two\nf: g # h\n"},
		{"comments of blocks", "a:\n    # b\n    b: c\n    # after c\n# d\nd: e\n    # end\n", "a:\n  # b\n  b: c\n  # after c\n# d\nd: e\n# end\n"},
		{"comments in lists", "a:\n# first\n- b\n# second\n- c\n", "a:\n  # first\n  - b\n  # second\n  - c\n"},
		{"anchors", "a:   &x\n    b: c\nd:  *x\ne:\n    <<:   *x\n", "a: &x\n  b: c\nd: *x\ne:\n  <<: *x\n"},
		{"tags", "a:   !!str   &x b\n", "a: !!str &x b\n"},
		{"literal", "a:\n    b: |\n        x\n          y\n\n        z\n    c: d\n", "a:\n  b: |\n    x\n      y\n\n    z\n  c: d\n"},
		{"literal with an indicator", "a:\n    b: |2\n         x\n    c: d\n", "a:\n  b: |2\n       x\n  c: d\n"},
		{"literal that keeps lines", "a: |+\n   x\n\n\nb: c\n", "a: |+\n  x\n\n\nb: c\n"},
		{"literal that keeps lines at the end", "a: |+\n   x\n\n\n", "a: |+\n  x\n\n\n"},
		{"literal without an end", "a: |\n   x", "a: |\n  x"},
		{"folded in a list", "a:\n- >-\n      x\n      y # no comment\n- z\n", "a:\n  - >-\n    x\n    y # no comment\n  - z\n"},
		{"plain on lines", "a: b\n      c\n\n\n   d\ne: f\n", "a: b\n  c\n\n\n  d\ne: f\n"},
		{"quotes on lines", "a: \"b: [  \n      c\\\n\n   d\"   # e\nf: 'g''\n h: i'\n", "a: \"b: [  \n  c\\\n\n  d\"   # e\nf: 'g''\n  h: i'\n"},
		{"quoted keys", "'a: b' :   c\n\"d\\\"\":\n    e: f\n", "'a: b': c\n\"d\\\"\":\n  e: f\n"},
		{"value on the next line", "a:\n      b\nc:\n   [d]\n", "a:\n  b\nc:\n  [d]\n"},
		{"flow", "a: [ b,c  ,  'd,e' ]\nf: { g:h,i:  j , \"k\":l }\n", "a: [b, c, 'd,e']\nf: {g:h, i: j, \"k\": l}\n"},
		{"flow on lines", "a:\n    b: [  # all\n     c, {d: e,\n   f: g},\n        # last\n     h ,\n    ]  \n", "a:\n  b: [  # all\n    c, {d: e,\n      f: g},\n    # last\n    h,\n  ]\n"},
		{"flow in a list", "a:\n-  [b,\n     c]\n", "a:\n  - [b,\n      c]\n"},
		{"aliases in flow", "a: &x b\nc: {  *x : d, e: *x }\n", "a: &x b\nc: {*x : d, e: *x}\n"},
		{"addresses", "a: http://b/#c\nd: [https://e:80/f?g=#h, {i: j:k}]\n", "a: http://b/#c\nd: [https://e:80/f?g=#h, {i: j:k}]\n"},
		{"document", "---\n   a: b\n", "---\na: b\n"},
		{"nothing after a dash", "a:\n- # none\n-\n- b\n", "a:\n  - # none\n  -\n  - b\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := yamlfmt.Format(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			again, err := yamlfmt.Format(got)
			if diff := cmp.Diff(got, again); diff != "" || err != nil {
				t.Errorf("laid out again: %v\n%s", err, diff)
			}
		})
	}
}

// TestRefused holds that other forms are refused by line.
func TestRefused(t *testing.T) {
	for in, want := range map[string]string{
		"# a\n? b\n: c\n":  "line 2: ",
		"%YAML 1.2\n":      "line 1: ",
		"a: b\n...\n":      "line 2: ",
		"a: [b\n":          "line 1: ",
		"a: 'b\n":          "line 1: ",
		"a: [b] c\n":       "line 1: ",
		"a: {? b : c}\n":   "line 1: ",
		"text\n":           "line 1: ",
		"a: b\n--- # c\n":  "line 2: ",
		"a: |\n  b\n c\n":  "line 3: ",
		"a:\n\tb: c\n":     "line 2: ",
		"a: \"b\" \"c\"\n": "line 1: ",
	} {
		out, err := yamlfmt.Format(in)
		if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("%q: got %q, %v, want an error at %s", in, out, err, want)
		}
	}
}
