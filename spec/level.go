package spec

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

// level is a key of Levels that sets the variable GO<ARCH>. What is legal is what
// the go command takes: internal/buildcfg.
type level struct {
	key   string
	field func(*Levels) *string
	legal []string
	form  string   // says what is legal
	opts  []string // what may follow a value after a comma
	most  int      // how many of opts
}

// env is the variable that the key sets.
func (l level) env() string { return strings.ToUpper(l.key) }

var (
	floats = []string{"hardfloat", "softfloat"}
	levels = []level{
		{key: "goamd64", field: func(l *Levels) *string { return &l.GOAMD64 }, legal: []string{"v1", "v2", "v3", "v4"}, form: "v1, v2, v3 or v4"},
		{
			key: "goarm", field: func(l *Levels) *string { return &l.GOARM }, legal: []string{"5", "6", "7"},
			form: "5, 6 or 7, then nothing, ,softfloat or ,hardfloat", opts: floats, most: 1,
		},
		{
			key: "goarm64", field: func(l *Levels) *string { return &l.GOARM64 },
			legal: []string{
				"v8.0", "v8.1", "v8.2", "v8.3", "v8.4", "v8.5", "v8.6", "v8.7", "v8.8", "v8.9",
				"v9.0", "v9.1", "v9.2", "v9.3", "v9.4", "v9.5",
			},
			form: "v8.0 to v8.9 or v9.0 to v9.5, then nothing, ,lse, ,crypto or both", opts: []string{"lse", "crypto"}, most: 2,
		},
		{key: "go386", field: func(l *Levels) *string { return &l.GO386 }, legal: []string{"sse2", "softfloat"}, form: "sse2 or softfloat"},
		{key: "gomips", field: func(l *Levels) *string { return &l.GOMIPS }, legal: floats, form: "hardfloat or softfloat"},
		{key: "gomips64", field: func(l *Levels) *string { return &l.GOMIPS64 }, legal: floats, form: "hardfloat or softfloat"},
		{key: "goppc64", field: func(l *Levels) *string { return &l.GOPPC64 }, legal: []string{"power8", "power9", "power10"}, form: "power8, power9 or power10"},
		{
			key: "goriscv64", field: func(l *Levels) *string { return &l.GORISCV64 },
			legal: []string{"rva20u64", "rva22u64", "rva23u64"}, form: "rva20u64, rva22u64 or rva23u64",
		},
	}
)

// Settings gives what the override sets: its levels, those of Env among them, and the rest
// of Env.
func (o Override) Settings() (set Levels, env map[string]string) {
	set, env = o.Levels, maps.Clone(o.Env)
	for _, l := range levels {
		if value, ok := env[l.env()]; ok {
			*l.field(&set) = value
			delete(env, l.env())
		}
	}
	return set, env
}

// levels checks what is set for each architecture.
func (v *validator) levels(at keyPath, set Levels) {
	for _, l := range levels {
		v.level(at.to(l.key), l, *l.field(&set))
	}
}

func (v *validator) level(at keyPath, l level, s string) {
	if s != "" && !l.ok(s) {
		v.value(at, "bad-level", l.hint(s), "%s is no value of %s: %s", quote(s), l.key, l.form)
	}
}

func (l level) ok(s string) bool {
	base, opts, _ := strings.Cut(s, ",")
	if !slices.Contains(l.legal, base) {
		return false
	}
	if base == s {
		return true
	}
	words := strings.Split(opts, ",")
	seen := map[string]bool{}
	for _, w := range words {
		if seen[w] || !slices.Contains(l.opts, w) {
			return false
		}
		seen[w] = true
	}
	return len(words) <= l.most
}

var leadingLetters = regexp.MustCompile(`^[A-Za-z]+`)

// hint gives the legal value that was probably meant: the same number written as
// this key wants it, the only one that begins so, else the nearest word.
func (l level) hint(s string) string {
	base, opts, more := strings.Cut(strings.ToLower(s), ",")
	if more {
		opts = "," + opts
	}
	bare := leadingLetters.ReplaceAllString(base, "")
	guesses := []string{base, bare, "v" + bare, "v" + bare + ".0", "power" + bare, onlyWith(base, l.legal)}
	if len(base) > 3 { // among v1, v2 … none is nearer than another
		guesses = append(guesses, diag.Nearest(base, l.legal))
	}
	for _, guess := range guesses {
		if l.ok(guess + opts) {
			return guess + opts
		}
	}
	return ""
}

// onlyWith gives the one of words that begins with prefix, "" when several do.
func onlyWith(prefix string, words []string) (only string) {
	for _, w := range words {
		if strings.HasPrefix(w, prefix) {
			if only != "" {
				return ""
			}
			only = w
		}
	}
	return only
}
