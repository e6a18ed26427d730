package lab

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

// The programs of bench/apps.
const (
	Tiny     = "tiny"
	TinyLast = "tiny-last" // Tiny, for the last of Platforms alone
	Web      = "web"
	Own      = "own"       // most packages are its own
	Cloud    = "cloud"     // over 600 packages of others
	Stamped  = "stamped"   // Cloud, with a version that the linker sets
	Fleet    = "fleet"     // all binaries of a workspace that has twenty
	FleetOne = "fleet-one" // one of them, which the file that is edited is in
)

// Platforms are what programs are built for where nothing else is said.
func Platforms() []string { return []string{"linux/amd64", "linux/arm64"} }

// Program is something to build, in a folder that nothing changes. Paths are slash paths below it.
type Program struct {
	Name      string
	Dir       string
	Spec      string   // path of xbuild's spec
	Target    string   // of xbuild
	Mains     []string // main packages that are built, as go build takes them: ./cmd/shop
	Size      int      // packages in all, those of the standard library too
	Uses      []string // names of the binaries that Source is compiled into, sorted
	Platforms []string
	Stamped   bool
	Bump      string // module@version,version: what BumpModule takes it to

	// Paths of files to edit; "" where there is none.
	Source, Test, Docs string
	Other              string // of a main package that is not built

	modules []string // paths of all go.mod, go.sum, go.work and go.work.sum files
	imports []string // of the own packages, that are not own packages themselves, sorted
	edits   int      // changes made so far
}

// Program loads a program, once. Its name is one of the constants.
func (l *Lab) Program(ctx context.Context, name string) (p *Program, err error) {
	if p := l.programs[name]; p != nil {
		return p, nil
	}
	folder := name
	switch name {
	case TinyLast:
		folder = Tiny
	case Stamped:
		folder = Cloud
	case FleetOne:
		folder = Fleet
	}
	dir := filepath.Join(l.Root, "bench", "apps", folder)
	choose := func(all []listed) []listed { return all[:min(1, len(all))] }
	switch name {
	case Fleet:
		choose = func(all []listed) []listed { return all }
	case FleetOne:
		of, err := l.Program(ctx, Fleet)
		if err != nil {
			return nil, err
		}
		choose = of.firstUse
	}
	if p, err = load(ctx, name, dir, choose); err != nil {
		return nil, err
	}
	switch name {
	case TinyLast:
		p.Platforms = p.Platforms[len(p.Platforms)-1:]
	case Fleet:
		p.Target = "binaries"
	case FleetOne:
		p.Source = l.programs[Fleet].Source
	case Cloud:
		p.Bump = "github.com/aws/aws-sdk-go-v2/service/secretsmanager@v1.50.12,v1.50.10,v1.50.9"
	case Stamped:
		p.Stamped = true
	}
	l.programs[name] = p
	return p, nil
}

// Generated writes a program's files and loads it as [Load] does, once for a name.
func (l *Lab) Generated(ctx context.Context, name string, files func() map[string]string) (p *Program, err error) {
	if p := l.programs[name]; p != nil {
		return p, nil
	}
	dir := filepath.Join(l.Temp, "generated", name)
	if err := write(dir, files()); err != nil {
		return nil, err
	}
	if p, err = Load(ctx, name, dir); err == nil {
		l.programs[name] = p
	}
	return p, err
}

// Load looks at the program in dir and has all its main packages built: the target of xbuild is binaries,
// unless there is one.
func Load(ctx context.Context, name, dir string) (*Program, error) {
	p, err := load(ctx, name, dir, func(all []listed) []listed { return all })
	if err == nil && len(p.Mains) > 1 {
		p.Target = "binaries"
	}
	return p, err
}

// On is the program for other platforms, under another name. Changes are made of p.
func (p *Program) On(name string, platforms ...string) *Program {
	q := *p
	q.Name, q.Platforms = name, platforms
	return &q
}

// load has the main packages built that choose takes of them all.
func load(ctx context.Context, name, dir string, choose func(all []listed) []listed) (*Program, error) {
	p := &Program{Name: name, Dir: dir, Platforms: Platforms()}
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
		p.Mains = append(p.Mains, m.path(dir))
	}
	p.Target = path.Base(chosen[0].ImportPath)
	for _, m := range mains(all) {
		if p.Other == "" && !slices.Contains(p.Mains, m.path(dir)) {
			p.Other = path.Join(m.path(dir), m.GoFiles[0])
		}
	}
	built, err := list(ctx, dir, p.Mains...)
	if err != nil {
		return nil, err
	}
	p.Size = len(built)
	p.imports = importsOf(built)
	p.chooseFiles(built)
	return p, nil
}

// findFiles finds what there is to know without the go command.
func (p *Program) findFiles() error {
	err := fs.WalkDir(os.DirFS(p.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch {
		case slices.Contains([]string{"go.mod", "go.sum", "go.work", "go.work.sum"}, d.Name()):
			p.modules = append(p.modules, name)
		case name == "xbuild.yaml", name == "Dockerfile" && p.Spec == "":
			p.Spec = name
		case strings.HasSuffix(name, ".md") && p.Docs == "":
			p.Docs = name
		}
		return nil
	})
	if err == nil && p.Spec == "" {
		err = fmt.Errorf("%s has no spec", p.Dir)
	}
	return err
}

// chooseFiles takes the files to edit: of an own package that is in several binaries but no more than
// others are, where there are several; of those that are left, the first that imports no other. A program of
// main packages alone has the first of them edited.
func (p *Program) chooseFiles(built []listed) {
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
		if p.Source == "" || len(p.Uses) == 1 && len(uses) > 1 || len(uses) > 1 && len(uses) < len(p.Uses) {
			p.Source, p.Uses = path.Join(l.path(p.Dir), l.GoFiles[0]), uses
		}
		if p.Test == "" && len(l.TestGoFiles) > 0 {
			p.Test = path.Join(l.path(p.Dir), l.TestGoFiles[0])
		}
	}
	if own := mains(built); p.Source == "" && len(own) > 0 {
		p.Source, p.Uses = path.Join(own[0].path(p.Dir), own[0].GoFiles[0]), []string{path.Base(own[0].ImportPath)}
	}
	slices.Sort(p.Uses)
}

// firstUse takes the first main package that has the source to edit in it.
func (p *Program) firstUse(all []listed) []listed {
	i := slices.IndexFunc(all, func(l listed) bool { return path.Base(l.ImportPath) == p.Uses[0] })
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
