// Package importer makes a spec of what other tools are told: ko's .ko.yaml, GoReleaser's
// .goreleaser.yaml, a Dockerfile; and a first spec of a module that has none. All of it is
// functions of text and facts, which run no command.
package importer

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/acme/xbuild/spec"
)

// Kind is the tool that a file is for.
type Kind string

// The kinds that can be imported.
const (
	Ko         Kind = "ko"
	GoReleaser Kind = "goreleaser"
	Dockerfile Kind = "dockerfile"
)

// Kinds are all of them.
var Kinds = []Kind{Dockerfile, GoReleaser, Ko}

// Input is a file to import, with what is known of the source around it.
type Input struct {
	File string // name of the file, as the report has it
	Kind Kind   // "" for what the name says
	Data []byte
	// Module is the path of the module; "" when it is not known.
	Module string
	// Mains are the main packages of the module; none when they are not known.
	Mains []Main
	// Context tells directories from files; nil when it is not known.
	Context fs.FS
}

// Main is a main package.
type Main struct {
	Name string // of the binary
	Dir  string // relative to the context, "." or cmd/shop
}

// Result is what came of a file. Spec always parses.
type Result struct {
	Spec  []byte
	Notes []Note // in the order of the file
}

// Note says of one setting of the file what became of it.
type Note struct {
	Line int    // from 1; 0 when it is not of one line
	Key  string // builds[0].flags, or RUN
	Text string // "taken: …", "dropped: …" or "not taken: …"
}

// Format gives the note as one line: `file:line: key: text`.
func (n Note) Format(file string) string {
	place := plain(file)
	if n.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, n.Line)
	}
	if n.Key == "" {
		return place + ": " + plain(n.Text)
	}
	return place + ": " + plain(n.Key) + ": " + plain(n.Text)
}

// Lost reports whether the setting has no effect on the spec, where it had one before.
func (n Note) Lost() bool { return strings.HasPrefix(n.Text, notTaken) }

const (
	taken    = "taken: "
	dropped  = "dropped: "
	notTaken = "not taken: "
)

// plain replaces what could move the cursor of a terminal, and shortens.
func plain(s string) string {
	const longest = 200
	s = strings.Map(func(r rune) rune {
		if r < ' ' || 0x7f <= r && r < 0xa0 || r == '\u2028' || r == '\u2029' || 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 {
			return '?'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest]) + "…"
	}
	return s
}

// maxInput is how many bytes a file may have.
const maxInput = 256 << 10

// Import makes a spec of a file. It fails when the file can't be read as what it is.
func Import(in Input) (*Result, error) {
	if in.Kind == "" {
		in.Kind = kindOf(in.File)
	}
	if len(in.Data) > maxInput {
		return nil, fmt.Errorf("%s: more than %d bytes", in.File, maxInput)
	}
	if !utf8.Valid(in.Data) {
		return nil, fmt.Errorf("%s: not UTF-8 text", in.File)
	}
	d := &draft{in: in}
	var err error
	switch in.Kind {
	case Ko:
		err = d.ko()
	case GoReleaser:
		err = d.goreleaser()
	case Dockerfile:
		_, err = d.dockerfile()
	default:
		return nil, fmt.Errorf("%s: can't tell by its name which tool it is for: %v", in.File, Kinds)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.File, err)
	}
	return d.result()
}

// kindOf tells by the name of a file which tool it is for, "" when it can't.
func kindOf(file string) Kind {
	base := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	stem := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml"), ".")
	switch {
	case stem == base || strings.Contains(base, "dockerfile"):
		if strings.Contains(base, "dockerfile") || strings.Contains(base, "containerfile") {
			return Dockerfile
		}
	case stem == "ko":
		return Ko
	case strings.HasPrefix(stem, "goreleaser"):
		return GoReleaser
	}
	return ""
}

// errTooLarge is what is left when a spec of what a file says would be too large.
var errTooLarge = errors.New("the spec would be too large")

// result gives the text of the draft.
func (d *draft) result() (*Result, error) {
	d.pruneArgs()
	d.pruneImages()
	text, err := emit(&d.spec, nil)
	if err != nil {
		return nil, err
	}
	if _, err := spec.Parse("xbuild.yaml", text); err != nil {
		if len(text) > 1<<19 || d.settings > maxSettings/2 {
			return nil, errTooLarge
		}
		return nil, fmt.Errorf("what was imported is no spec: %w", err)
	}
	sortNotes(d.notes)
	return &Result{Spec: text, Notes: d.notes}, nil
}

// sortNotes puts notes in the order of the file.
func sortNotes(notes []Note) {
	slices.SortStableFunc(notes, func(a, b Note) int { return a.Line - b.Line })
}
