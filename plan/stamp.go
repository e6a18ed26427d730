package plan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/acme/xbuild/internal/diag"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Stamp is what the templates in ldflags may name: `-X main.version={{.Version}}`.
type Stamp struct {
	Version       string // the build-arg VERSION, else ShortRevision, else "devel"
	Revision      string // of the version control, as the client says it; "" when it does not
	ShortRevision string // its first 12 characters
	Source        string // address of the repository, or ""
	Dirty         bool   // the client says that the source differs from Revision
	Date          string // SOURCE_DATE_EPOCH, else 1970, as in RFC 3339
	OS, Arch      string // of the target
	Variant       string // of the target, or ""
}

// stamp is what a binary for the platform is stamped with.
func (b *builder) stamp(p ocispecs.Platform) Stamp {
	revision, dirty := strings.CutSuffix(b.req.Revision, "-dirty")
	short := revision[:min(len(revision), 12)]
	return Stamp{
		Version:       cmp.Or(b.req.Version, short, "devel"),
		Revision:      revision,
		ShortRevision: short,
		Source:        b.req.Source,
		Dirty:         dirty,
		Date:          time.Unix(b.plan.Epoch, 0).UTC().Format(time.RFC3339),
		OS:            p.OS,
		Arch:          p.Architecture,
		Variant:       p.Variant,
	}
}

// ldflags is the flag of go build for the linker, and whether a stamp is in it.
func (b *builder) ldflags(name string, bin binary, p ocispecs.Platform) (flag string, stamped bool) {
	words := []string{"-s", "-w"}
	for i, word := range bin.LDFlags {
		if strings.Contains(word, "{{") {
			stamped = true
			word = b.render(b.ldflagPos(name, i), word, b.stamp(p))
		}
		words = append(words, word)
	}
	return "-ldflags=" + strings.Join(words, " "), stamped
}

// ldflagPos is the place of element i of a binary's ldflags, the defaults being the first.
func (b *builder) ldflagPos(name string, i int) diag.Pos {
	if n := len(b.spec.Build.LDFlags); i >= n {
		return b.spec.Pos("binaries", name, "ldflags", i-n)
	}
	return b.spec.Pos("build", "ldflags", i)
}

// unknownField is how text/template says that a Stamp has no such field.
var unknownField = regexp.MustCompile(`can't evaluate field (\w+) in type plan.Stamp`)

// render fills in a template; its mistakes are the spec's, each once for all binaries.
func (b *builder) render(pos diag.Pos, text string, s Stamp) string {
	var out strings.Builder
	t, err := template.New("ldflags").Parse(text)
	if err == nil {
		err = t.Execute(&out, s)
	}
	switch {
	case err == nil:
	case slices.ContainsFunc(b.errs, func(e *diag.Error) bool { return e.Pos == pos && e.Rule == badTemplate }):
	case unknownField.MatchString(err.Error()):
		field := unknownField.FindStringSubmatch(err.Error())[1]
		b.errs.AddHint(pos, badTemplate, diag.Nearest(field, stampFields), "there is no {{.%s}}", field)
	default:
		b.errs.Add(pos, badTemplate, "%s", strings.TrimPrefix(err.Error(), "template: "))
	}
	return out.String()
}

const badTemplate = "bad-template"

var stampFields = []string{"Version", "Revision", "ShortRevision", "Source", "Dirty", "Date", "OS", "Arch", "Variant"}
