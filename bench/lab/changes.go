package lab

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Change is an edit of a program, which every contestant gets alike. The zero value changes nothing.
type Change struct {
	Files   map[string]string // content by slash path
	Version string            // of a stamped program
}

// Changer makes a change that was not made before; run counts the runs of a scenario from 0.
type Changer func(ctx context.Context, p *Program, run int) (Change, error)

// Nothing changes nothing.
func Nothing(context.Context, *Program, int) (Change, error) { return Change{}, nil }

// EditSource adds code that a binary will have.
func EditSource(_ context.Context, p *Program, _ int) (Change, error) {
	return p.append(p.Source, "\nvar benchEdit string\n\nfunc init() { benchEdit = \"edit %d\" }\n")
}

// EditOther adds code to a main package that is not built.
func EditOther(_ context.Context, p *Program, _ int) (Change, error) {
	return p.append(p.Other, "\nvar benchEdit string\n\nfunc init() { benchEdit = \"edit %d\" }\n")
}

// EditTest changes a test.
func EditTest(_ context.Context, p *Program, _ int) (Change, error) {
	return p.append(p.Test, "\nvar benchEdit = %d\n")
}

// EditDocs changes a text.
func EditDocs(_ context.Context, p *Program, _ int) (Change, error) {
	return p.append(p.Docs, "\nEdition %d.\n")
}

// NewCommit is another version of the same code.
func NewCommit(_ context.Context, p *Program, _ int) (Change, error) {
	return Change{Version: fmt.Sprintf("1.0.%d", p.next())}, nil
}

// append adds text to a file; its verb is for a number that no other change has.
func (p *Program) append(file, text string) (Change, error) {
	if file == "" {
		return Change{}, fmt.Errorf("%s has no file for this change", p.Dir)
	}
	old, err := os.ReadFile(filepath.Join(p.Dir, file))
	return Change{Files: map[string]string{file: string(old) + fmt.Sprintf(text, p.next())}}, err
}

func (p *Program) next() int {
	p.edits++
	return p.edits
}

// BumpModule takes the program to another version of a module, as "go get" does. The same run of
// two scenarios takes the same version.
func BumpModule(ctx context.Context, p *Program, run int) (ch Change, err error) {
	module, list, _ := strings.Cut(p.Bump, "@")
	versions := strings.Split(list, ",")
	if run >= len(versions) {
		return ch, fmt.Errorf("-bump %s: each run takes a version, and there are %d", p.Bump, len(versions))
	}
	temp, err := os.MkdirTemp("", "xbuild-bench-bump-")
	if err != nil {
		return ch, err
	}
	defer os.RemoveAll(temp)
	if err := os.CopyFS(temp, os.DirFS(p.Dir)); err != nil {
		return ch, err
	}
	if _, err := goCommand(ctx, temp, "get", module+"@"+versions[run]); err != nil {
		return ch, err
	}
	ch.Files = map[string]string{}
	for _, name := range p.modules {
		content, err := os.ReadFile(filepath.Join(temp, name))
		if err != nil {
			return ch, err
		}
		ch.Files[name] = string(content)
	}
	return ch, nil
}
