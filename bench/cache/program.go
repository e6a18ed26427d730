package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The programs of [scenarios].
const (
	app      = "app"
	stamped  = "stamped"   // app, with a version that the linker sets
	fleet    = "fleet"     // all binaries of a program that has many
	fleetOne = "fleet-one" // one of them, which the edited file is in
)

func platforms() []string { return []string{"linux/amd64", "linux/arm64"} }

// program is something to build, in a folder that nothing changes. Paths are slash paths below it.
type program struct {
	name    string
	dir     string
	spec    string   // path of xbuild's spec
	target  string   // of xbuild
	mains   []string // main packages that are built, as go build takes them: ./cmd/shop
	modules []string // paths of all go.mod, go.sum, go.work and go.work.sum files
	imports []string // of the own packages, that are not own packages themselves, sorted
	size    int      // packages in all, those of the standard library too
	uses    []string // names of the binaries that source is compiled into, sorted
	stamped bool
	bump    string // module@version,version: what bumpModule takes it to
	edits   int    // changes made so far

	// Paths of files to edit; "" where there is none.
	source, test, docs string
	other              string // of a main package that is not built
}

// load looks at the program in dir and has the main packages built that choose takes of them all.
func load(ctx context.Context, name, dir string, choose func(all []listed) []listed) (*program, error) {
	p := &program{name: name, dir: dir}
	if err := p.findFiles(); err != nil {
		return nil, err
	}
	var patterns []string
	for _, file := range p.modules {
		if path.Base(file) == "go.mod" {
			patterns = append(patterns, "./"+path.Join(path.Dir(file), "..."))
		}
	}
	all, err := list(ctx, dir, patterns...)
	if err != nil {
		return nil, err
	}
	chosen := choose(mains(all))
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%s has no main package", dir)
	}
	for _, m := range chosen {
		p.mains = append(p.mains, m.path(dir))
	}
	p.target = path.Base(chosen[0].ImportPath)
	for _, m := range mains(all) {
		if p.other == "" && !slices.Contains(p.mains, m.path(dir)) {
			p.other = path.Join(m.path(dir), m.GoFiles[0])
		}
	}
	built, err := list(ctx, dir, p.mains...)
	if err != nil {
		return nil, err
	}
	p.size = len(built)
	p.imports = importsOf(built)
	return p, p.chooseFiles(built)
}

// findFiles finds what there is to know without the go command.
func (p *program) findFiles() error {
	err := fs.WalkDir(os.DirFS(p.dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case slices.Contains([]string{"go.mod", "go.sum", "go.work", "go.work.sum"}, d.Name()):
			p.modules = append(p.modules, name)
		case name == "xbuild.yaml", name == "Dockerfile" && p.spec == "":
			p.spec = name
		case strings.HasSuffix(name, ".md") && p.docs == "":
			p.docs = name
		}
		return nil
	})
	if err == nil && p.spec == "" {
		err = fmt.Errorf("%s has no spec", p.dir)
	}
	return err
}

// chooseFiles takes the files to edit: of an own package that is in several binaries but no more than
// others are, where there are several; of those that are left, the first that imports no other.
func (p *program) chooseFiles(built []listed) error {
	for _, l := range built {
		if !l.own() || l.Name == "main" {
			continue
		}
		var uses []string
		for _, m := range mains(built) {
			if slices.Contains(m.Deps, l.ImportPath) {
				uses = append(uses, path.Base(m.ImportPath))
			}
		}
		if p.source == "" || len(p.uses) == 1 && len(uses) > 1 || len(uses) > 1 && len(uses) < len(p.uses) {
			p.source, p.uses = path.Join(l.path(p.dir), l.GoFiles[0]), uses
		}
		if p.test == "" && len(l.TestGoFiles) > 0 {
			p.test = path.Join(l.path(p.dir), l.TestGoFiles[0])
		}
	}
	if p.source == "" {
		return fmt.Errorf("%s has no package of its own but main packages", p.dir)
	}
	slices.Sort(p.uses)
	return nil
}

// firstUse takes the first main package that has the source to edit in it.
func (p *program) firstUse(all []listed) []listed {
	i := slices.IndexFunc(all, func(l listed) bool { return path.Base(l.ImportPath) == p.uses[0] })
	return all[i : i+1]
}

// write adds files, by slash path, to the folder dir.
func write(dir string, files map[string]string) error {
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}
