package gostep

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/scan"
)

// pruning makes, of the module cache that all builds of a builder share, one with what a go build takes of it: the
// files of the listed packages, an empty directory for a module that is only looked into,
// and the go.mod files that it reads. Which these are the go command itself decides: it
// compiles the packages from the new module cache, with the old one as its proxy. It finds both
// where later steps find the new one, so that its module indexes are theirs.
type pruning struct {
	at       string // where the go command finds it
	from, to string
	used     map[string]bool // directories of modules with a package, below to
	whole    bool            // keep the files of others too, by which go finds a mistake again
}

// pruning is that of the step, which begins with the old module cache.
func (d *deps) pruning() (*pruning, error) {
	p := &pruning{at: d.modules, from: os.Getenv("GOMODCACHE"), to: filepath.Join(d.out, modulesDir), used: map[string]bool{}}
	// Module indexes live and die with the modules that they are of. No module's path begins with a dot.
	d.indexes = filepath.Join(p.from, ".indexes", toolchainKey(d.build[0]))
	d.env = append(d.env, "GOMODCACHE="+p.at)
	return p, errors.Join(dropUnused(filepath.Dir(d.indexes), d.indexes, time.Now()), linkTo(p.from, p.at))
}

// prune copies the files of packages, and makes the new module cache that of the step.
func (p *pruning) prune(d *deps, packages []listed) error {
	if err := os.MkdirAll(p.to, 0o755); err != nil {
		return err
	}
	p.whole = slices.ContainsFunc(packages, func(pkg listed) bool {
		return pkg.Error != nil && strings.Contains(pkg.Error.Err, "ambiguous import")
	})
	for _, pkg := range packages {
		if err := p.pkg(pkg); err != nil {
			return err
		}
	}
	d.build = append(slices.Clone(d.build), "-modcacherw")
	d.env = append(d.env, "GOPROXY=file://"+filepath.Join(p.from, "cache", "download"), "GONOPROXY=none", "GOSUMDB=off")
	return errors.Join(os.Remove(p.at), linkTo(p.to, p.at))
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

// pkg copies the files of a package, if it is in a module that was downloaded.
func (p *pruning) pkg(pkg listed) error {
	dir, err := filepath.Rel(p.at, pkg.Dir)
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
