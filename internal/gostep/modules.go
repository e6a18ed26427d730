package gostep

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/gocache"
	"github.com/acme/xbuild/scan"
)

// pruneModules writes to the result, as a module cache, what a go build takes of GOMODCACHE: the
// files of the listed packages, an empty directory for a module that is only looked into,
// and the go.mod files that it reads. Which these are the go command itself decides: it
// lists the same packages from the new module cache, with the old one as its proxy. It finds the new
// one where later steps do, so that its module indexes are theirs; they are written too. work is
// a temporary folder.
func (d *deps) pruneModules(l *listing, work string) error {
	if d.modules == "" || len(l.packages) == 0 {
		return nil
	}
	p := pruning{from: os.Getenv("GOMODCACHE"), to: filepath.Join(d.out, modulesDir), used: map[string]bool{}}
	if err := os.MkdirAll(p.to, 0o755); err != nil {
		return err
	}
	p.whole = slices.ContainsFunc(l.packages, func(pkg listed) bool {
		return pkg.Error != nil && strings.Contains(pkg.Error.Err, "ambiguous import")
	})
	for _, pkg := range l.packages {
		if err := p.pkg(pkg); err != nil {
			return err
		}
	}
	if err := linkTo(p.to, d.modules); err != nil {
		return err
	}
	var wanted []string
	for _, pkg := range l.packages {
		wanted = append(wanted, pkg.ImportPath)
	}
	again := *d
	again.build = append(slices.Clone(d.build), "-modcacherw")
	c := caches{store: d.store, indexes: filepath.Join(work, "indexes")}
	_, rec, err := again.goList(c, work, wanted, "GOMODCACHE="+d.modules, "GOPROXY=file://"+filepath.Join(p.from, "cache", "download"),
		"GONOPROXY=none", "GOSUMDB=off")
	if err != nil {
		return err
	}
	if err := d.writeIndexes(c.indexes, rec); err != nil {
		return err
	}
	return p.clean()
}

// linkTo makes the path link lead to dir, if it leads nowhere.
func linkTo(dir, link string) error {
	if _, err := os.Lstat(link); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	return os.Symlink(dir, link)
}

// writeIndexes writes the module indexes that a go command made to the result.
func (d *deps) writeIndexes(from string, rec *gocache.Record) error {
	if rec == nil || len(rec.Indexes) == 0 {
		return nil
	}
	store, err := gocache.OpenStore(from)
	if err != nil {
		return err
	}
	_, _, err = gocache.WriteIndexes(filepath.Join(d.out, indexesDir), store, rec.Indexes)
	return err
}

// pruning is one module cache made of another.
type pruning struct {
	from, to string
	used     map[string]bool // directories of modules with a package, below to
	whole    bool            // keep the files of others too, by which go finds a mistake again
}

// pkg copies the files of a package, if it is in a module that was downloaded.
func (p *pruning) pkg(pkg listed) error {
	dir, err := filepath.Rel(p.from, pkg.Dir)
	if err != nil || pkg.Dir == "" || !filepath.IsLocal(dir) {
		return nil
	}
	module := moduleDir(dir)
	if err := p.module(module); err != nil {
		return err
	}
	if len(pkg.CgoFiles)+len(pkg.SwigFiles)+len(pkg.SwigCXXFiles) > 0 { // a C compiler and linker may look anywhere in it
		return p.all(module)
	}
	files := slices.Concat(pkg.GoFiles, pkg.CFiles, pkg.CXXFiles, pkg.MFiles, pkg.HFiles, pkg.FFiles, pkg.SFiles, pkg.SysoFiles, pkg.EmbedFiles)
	for _, name := range files {
		if err := p.file(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return p.includes(module, dir, pkg.SFiles)
}

// moduleDir is the directory of the module that has dir, in a module cache: the last element of
// its path holds the version.
func moduleDir(dir string) string {
	for module := dir; module != "."; module = filepath.Dir(module) {
		if strings.Contains(filepath.Base(module), "@") {
			return module
		}
	}
	return dir
}

// module copies the mark of a module that its directory is whole.
func (p *pruning) module(module string) error {
	if p.used[module] {
		return nil
	}
	p.used[module] = true
	if err := os.MkdirAll(filepath.Join(p.to, module), 0o755); err != nil {
		return err
	}
	path, version, _ := strings.Cut(module, "@")
	err := p.file(filepath.Join("cache", "download", path, "@v", version+".ziphash"))
	if errors.Is(err, fs.ErrNotExist) { // unpacked by the go command from its own distribution
		return nil
	}
	return err
}

// file copies one file, named below the module cache, if it is not there yet.
func (p *pruning) file(name string) error {
	to := filepath.Join(p.to, name)
	if _, err := os.Lstat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return copyFile(filepath.Join(p.from, name), to, 0o644)
}

// all copies a whole module without its tests.
func (p *pruning) all(module string) error {
	return filepath.WalkDir(filepath.Join(p.from, module), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		name, err := filepath.Rel(p.from, path)
		if err != nil {
			return err
		}
		return p.file(name)
	})
}

// includes copies what the assembly files of a package include from elsewhere in its module.
func (p *pruning) includes(module, dir string, files []string) error {
	if len(files) == 0 {
		return nil
	}
	below, err := filepath.Rel(module, dir)
	if err != nil {
		return err
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, filepath.ToSlash(filepath.Join(below, f)))
	}
	included, err := scan.Included(filepath.Join(p.from, module), paths)
	if err != nil {
		return err
	}
	for _, f := range included {
		if err := p.file(filepath.Join(module, filepath.FromSlash(f))); err != nil {
			return err
		}
	}
	return nil
}

// keptKinds are the files of cache/download that a build with GOPROXY=off reads.
var keptKinds = []string{".mod", ".info", ".ziphash"}

// clean removes what the go command has put there and that a build does not take: archives, locks, and
// the files of modules without a package. Times are fixed, so that equal modules are equal layers.
func (p *pruning) clean() error {
	downloads := filepath.Join(p.to, "cache", "download") + string(filepath.Separator)
	var empty, dirs []string
	err := filepath.WalkDir(p.to, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(p.to, path)
		if err != nil {
			return err
		}
		switch {
		case e.IsDir() && strings.Contains(e.Name(), "@") && e.Name() != "@v" && !p.used[name] && !p.whole:
			empty, dirs = append(empty, path), append(dirs, path)
			return fs.SkipDir
		case e.IsDir():
			dirs = append(dirs, path)
			return nil
		case p.isCache(name) && !(strings.HasPrefix(path, downloads) && slices.Contains(keptKinds, filepath.Ext(name))):
			return os.Remove(path)
		}
		return os.Chtimes(path, epoch, epoch)
	})
	if err != nil {
		return err
	}
	for _, dir := range empty {
		if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)); err != nil {
			return err
		}
	}
	for _, dir := range dirs {
		if err := os.Chtimes(dir, epoch, epoch); err != nil {
			return err
		}
	}
	return nil
}

func (p *pruning) isCache(name string) bool {
	return strings.HasPrefix(name, "cache"+string(filepath.Separator))
}

// epoch is the time of all files in a result.
var epoch = time.Unix(0, 0)
