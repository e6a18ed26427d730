package plan

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/spec"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Stamp is what the templates in free text may name: `-X main.version={{.Version}}`.
type Stamp struct {
	Version       string // the build-arg VERSION, else ShortRevision, else "devel"
	Revision      string // of the version control, as the client says it; "" when it does not
	ShortRevision string // its first 12 characters
	Source        string // address of the repository, or ""
	Dirty         bool   // the client says that the source differs from Revision
	Date          string // SOURCE_DATE_EPOCH, else 1970, as in RFC 3339
	OS, Arch      string // of the target
	Variant       string // of the target, or ""
	Args          map[string]string
}

// stamp is what a result for the platform is stamped with.
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
		Args:          b.args,
	}
}

// buildArgs sets what the request sets of the spec's args.
func (b *builder) buildArgs() {
	b.args = map[string]string{}
	for name, value := range b.spec.Args {
		if given, ok := b.req.Args[name]; ok {
			value = given
		}
		b.args[name] = value
	}
}

// ldflags is the flag of go build for the linker, and whether a stamp is in it.
func (b *builder) ldflags(name string, bin binary, p ocispecs.Platform) (flag string, stamped bool) {
	var words []string
	if !bin.debug {
		words = append(words, "-s", "-w")
	}
	words = append(words, bin.staticLink()...)
	for i, text := range bin.LDFlags {
		pos := b.ldflagPos(name, i)
		split, err := splitWords(text)
		if err != nil {
			b.errs.Add(pos, "bad-flag", "%v", err)
			continue
		}
		for j, word := range split {
			word = bin.keepStatic(strings.Join(split[max(0, j-1):j], ""), word)
			if spec.IsTemplate(word) {
				stamped = true
				if word = b.text(pos, word, p); word == "" {
					continue
				}
			}
			quoted, err := quoteWord(word)
			if err != nil {
				b.errs.Add(pos, "bad-flag", "%v", err)
			}
			words = append(words, quoted)
		}
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

// text fills in the templates of a text of the spec for a platform.
func (b *builder) text(pos diag.Pos, text string, p ocispecs.Platform) string {
	if !spec.IsTemplate(text) {
		return text
	}
	return b.render(pos, text, b.stamp(p))
}

// checked is text whose form can be judged only when it is filled in.
func (b *builder) checked(pos diag.Pos, rule, text string, p ocispecs.Platform, check func(string) error) string {
	if !spec.IsTemplate(text) {
		return text
	}
	mistakes := len(b.errs)
	text = b.text(pos, text, p)
	if err := check(text); err != nil && len(b.errs) == mistakes {
		b.errs.Add(pos, rule, "%v", err)
	}
	return text
}

func (b *builder) texts(pos diag.Pos, list []string, p ocispecs.Platform) (out []string) {
	for _, s := range list {
		out = append(out, b.text(pos, s, p))
	}
	return out
}

func (b *builder) textMap(pos diag.Pos, m map[string]string, p ocispecs.Platform) map[string]string {
	if m == nil {
		return nil
	}
	out := map[string]string{}
	for _, key := range sortedKeys(m) {
		out[key] = b.text(pos, m[key], p)
	}
	return out
}

// How text/template says that a Stamp has no such field, and Args no such key.
var (
	unknownField = regexp.MustCompile(`can't evaluate field (\w+) in type plan.Stamp`)
	// where it says that a mistake is, which the spec's own place says better
	templatePlace = regexp.MustCompile(`^template: text:[0-9:]+ (executing "text" )?`)
	unknownArg    = regexp.MustCompile(`map has no entry for key "([^"]*)"`)
)

// render fills in a template; its mistakes are the spec's, each once for all binaries.
func (b *builder) render(pos diag.Pos, text string, s Stamp) string {
	var out strings.Builder
	t, err := template.New("text").Option("missingkey=error").Parse(text)
	if err == nil {
		err = t.Execute(&out, s)
	}
	switch {
	case err == nil:
	case slices.ContainsFunc(b.errs, func(e *diag.Error) bool { return e.Pos == pos && e.Rule == badTemplate }):
	case unknownField.MatchString(err.Error()):
		field := unknownField.FindStringSubmatch(err.Error())[1]
		b.errs.AddHint(pos, badTemplate, diag.Nearest(field, stampFields), "there is no {{.%s}}", field)
	case unknownArg.MatchString(err.Error()):
		arg := unknownArg.FindStringSubmatch(err.Error())[1]
		b.errs.AddHint(pos, badTemplate, diag.Nearest(arg, sortedKeys(b.spec.Args)), "there is no {{.Args.%s}}; args: declares build args", arg)
	default:
		b.errs.Add(pos, badTemplate, "%s", templatePlace.ReplaceAllString(err.Error(), ""))
	}
	return out.String()
}

const badTemplate = "bad-template"

var stampFields = []string{"Version", "Revision", "ShortRevision", "Source", "Dirty", "Date", "OS", "Arch", "Variant", "Args"}
