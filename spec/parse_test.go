package spec_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// inputs gives the files of a folder of testdata by name.
func inputs(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	in := map[string][]byte{}
	for _, f := range files {
		if in[f], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// list gives the mistakes of an error of Parse or Validate.
func list(t testing.TB, err error) diag.List {
	t.Helper()
	var l diag.List
	if err != nil && !errors.As(err, &l) {
		t.Fatalf("the error is a %T, not a diag.List: %v", err, err)
	}
	return l
}

// TestBad has a spec with mistakes in each file of testdata/bad, and what is said
// about them in the file of the same name with .txt.
func TestBad(t *testing.T) {
	for file, data := range inputs(t, "bad/*.yaml") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			s, err := spec.Parse(filepath.Base(file), data)
			if err == nil {
				t.Fatal("no mistake found")
			}
			if s != nil {
				t.Error("a spec comes with the mistakes")
			}
			for _, e := range list(t, err) {
				if !e.Pos.IsValid() || e.Pos.Col < 1 {
					t.Errorf("no position: %v", e)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	for _, tt := range []struct {
		name, data, want string
	}{
		{
			"a byte more", "#" + strings.Repeat("x", 1<<20),
			"x.yaml:1:1: the file has 1048577 bytes; a spec may have 1048576 (1 MiB) [too-large]",
		},
		{
			"garbage", strings.Repeat("\x00\xffgarbage", 1<<20),
			"x.yaml:1:1: the file has 9437184 bytes; a spec may have 1048576 (1 MiB) [too-large]",
		},
		{
			"1 MB of binary data", strings.Repeat("MZ\x90\x00\x03", 200_000),
			"x.yaml:1:3: not a text file: byte 0x90 is not UTF-8 [not-text]",
		},
		{
			"1 MB of letters", strings.Repeat("garbage ", 125_000),
			"x.yaml:1:1: expected a mapping, found a string [wrong-type]",
		},
		{
			"1 MB of brackets", strings.Repeat("[", 1_000_000),
			"x.yaml:1:33: more than 32 lists and mappings inside each other [too-deep]",
		},
		{
			"1 MB of values", "name: [" + strings.Repeat("a,", 500_000) + "]",
			"x.yaml:1:20002: more than 10000 values, counting those that aliases repeat [too-many-nodes]",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := spec.Parse("x.yaml", []byte(tt.data))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %.300v\nwant %s", err, tt.want)
			}
		})
	}
}

// TestLimits has what is just within the limits.
func TestLimits(t *testing.T) {
	labels := func(n int) string { // a spec of n values and keys, n odd
		var b strings.Builder
		b.WriteString("images: {a: {labels: {")
		for i := range (n - 7) / 2 {
			fmt.Fprintf(&b, "l%d: v, ", i)
		}
		b.WriteString("}}}")
		return b.String()
	}
	for _, data := range []string{
		"#" + strings.Repeat("x", 1<<20-1),
		labels(9_999),
	} {
		if _, err := spec.Parse("x.yaml", []byte(data)); err != nil {
			t.Errorf("%.40q…: %.300v", data, err)
		}
	}
}

func TestEmpty(t *testing.T) {
	for _, data := range []string{
		"", "\n", "# syntax=acme/xbuild", "# syntax=acme/xbuild\n\n# more\n", "\ufeff# syntax=acme/xbuild\n",
		"---\n", "--- # x\n...\n", "~\n", "{}",
	} {
		s, err := spec.Parse("Dockerfile", []byte(data))
		if err != nil {
			t.Errorf("%q: %v", data, err)
			continue
		}
		if diff := cmp.Diff(spec.Spec{}, *s, ignorePlaces); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", data, diff)
		}
		if got, want := s.Pos("name"), (diag.Pos{File: "Dockerfile"}); got != want {
			t.Errorf("%q: Pos is %v, want %v", data, got, want)
		}
	}
}

// FuzzParse checks that no input makes Parse panic, take long, or report a mistake
// without a place or a documented rule, and that what Parse accepts, Validate and the
// schema accept too.
func FuzzParse(f *testing.F) {
	for _, data := range inputs(f, "*/*.yaml") {
		f.Add(data)
	}
	for _, data := range exampleSpecs(f) {
		f.Add(data)
	}
	schema := judge(f)
	for _, s := range []string{"", "\ufeff", "\t", "[", "*a", "&a [*a]", "<<: {<<: &b {<<: *b}}", "? a", "- \n-", "a: |\n  b", "%YAML 1.2\n---\n"} {
		f.Add([]byte(s))
	}
	known := map[string]bool{}
	for _, r := range spec.Rules {
		known[r.Name] = true
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) +
			bytes.Count(data, []byte("\u0085")) + bytes.Count(data, []byte("\u2028")) + bytes.Count(data, []byte("\u2029")) + 1
		begin := time.Now()
		s, err := spec.Parse("f", data)
		if d := time.Since(begin); d > 5*time.Second {
			t.Errorf("%d bytes take %s", len(data), d)
		}
		for _, e := range list(t, err) {
			if e.Pos.File != "f" || e.Pos.Line < 1 || e.Pos.Line > lines || e.Pos.Col < 1 || e.Msg == "" || !known[e.Rule] {
				t.Errorf("%#v in %q", e, data)
			}
			if msg := e.Error(); strings.ContainsAny(msg, "\n\x00") || len(msg) > 1000 {
				t.Errorf("not one line, or a long one: %.2000q", msg)
			}
		}
		if (s == nil) != (err != nil) {
			t.Errorf("Parse gives %v and %v", s, err)
		}
		if s != nil {
			if err := s.Validate(); err != nil {
				t.Errorf("Validate after Parse: %v", err)
			}
			if err := schema(data); err != nil && !bytes.Contains(data, []byte("<<")) { // may merge nothing
				t.Errorf("the schema refuses what Parse accepts: %v", err)
			}
		}
	})
}
