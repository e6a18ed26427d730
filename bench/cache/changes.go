package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// change is an edit of a program, which every contestant gets alike. The zero value changes nothing.
type change struct {
	files   map[string]string // content by slash path
	version string            // of a stamped program
}

// changer makes a change that was not made before; run counts the runs of a scenario from 0.
type changer func(ctx context.Context, p *program, run int) (change, error)

func nothing(context.Context, *program, int) (change, error) { return change{}, nil }

// editSource adds code that a binary will have.
func editSource(_ context.Context, p *program, _ int) (change, error) {
	return p.append(p.source, "\nvar benchEdit string\n\nfunc init() { benchEdit = \"edit %d\" }\n")
}

func editOther(_ context.Context, p *program, _ int) (change, error) {
	return p.append(p.other, "\nvar benchEdit string\n\nfunc init() { benchEdit = \"edit %d\" }\n")
}

func editTest(_ context.Context, p *program, _ int) (change, error) {
	return p.append(p.test, "\nvar benchEdit = %d\n")
}

func editDocs(_ context.Context, p *program, _ int) (change, error) {
	return p.append(p.docs, "\nEdition %d.\n")
}

func newCommit(_ context.Context, p *program, _ int) (change, error) {
	return change{version: fmt.Sprintf("1.0.%d", p.next())}, nil
}

// append adds text to a file; its verb is for a number that no other change has.
func (p *program) append(file, text string) (change, error) {
	if file == "" {
		return change{}, fmt.Errorf("%s has no file for this change", p.dir)
	}
	old, err := os.ReadFile(filepath.Join(p.dir, file))
	return change{files: map[string]string{file: string(old) + fmt.Sprintf(text, p.next())}}, err
}

func (p *program) next() int {
	p.edits++
	return p.edits
}

// bumpModule takes the program to another version of a module, as "go get" does. The same run of
// two scenarios takes the same version.
func bumpModule(ctx context.Context, p *program, run int) (ch change, err error) {
	module, list, _ := strings.Cut(p.bump, "@")
	versions := strings.Split(list, ",")
	if run >= len(versions) {
		return ch, fmt.Errorf("-bump %s: each run takes a version, and there are %d", p.bump, len(versions))
	}
	temp, err := os.MkdirTemp("", "xbuild-bench-bump-")
	if err != nil {
		return ch, err
	}
	defer os.RemoveAll(temp)
	if err := os.CopyFS(temp, os.DirFS(p.dir)); err != nil {
		return ch, err
	}
	if _, err := goCommand(ctx, temp, "get", module+"@"+versions[run]); err != nil {
		return ch, err
	}
	ch.files = map[string]string{}
	for _, name := range p.modules {
		content, err := os.ReadFile(filepath.Join(temp, name))
		if err != nil {
			return ch, err
		}
		ch.files[name] = string(content)
	}
	return ch, nil
}
