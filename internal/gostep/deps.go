package gostep

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/internal/gocache"
	"github.com/acme/xbuild/scan"
)

// runStd compiles the packages of the standard library that are listed in the working
// directory. One that this Go does not have is passed over.
func runStd(args []string, stderr io.Writer) error {
	d := deps{step: "std", stderr: stderr, compile: true}
	f := flag.NewFlagSet("std", flag.ContinueOnError)
	d.options(f)
	var err error
	if d.build, err = parse(f, args, 2); err != nil || d.store == "" || d.out == "" {
		return errUsage
	}
	return inTemp("std", func(work string) error {
		d.dir = work
		return d.fill(work)
	})
}

// runDeps downloads and compiles the imports that are listed in the working directory. One
// that cannot be compiled is left to the compile step, which knows the file that wants it.
// The go.mod, go.sum and go.work files, vendored packages and profiles are below mod.
//
// The result holds the build cache entries that this took and that no layer has, the
// files of modules that a compile step needs, and a completed go.work.sum.
func runDeps(args []string, stderr io.Writer) error {
	d := deps{step: "deps", stderr: stderr}
	f := flag.NewFlagSet("deps", flag.ContinueOnError)
	d.options(f)
	dir := f.String("dir", ".", "")
	profile := f.String("profile", "", "")
	f.StringVar(&d.modules, "modules", "", "")
	f.BoolVar(&d.compile, "compile", false, "")
	d.private.options(f)
	var err error
	if d.build, err = parse(f, args, 2); err != nil || d.store == "" || d.out == "" {
		return errUsage
	}
	if err := os.MkdirAll(d.out, 0o755); err != nil {
		return err
	}
	if *profile != "" {
		d.profile = filepath.FromSlash(*profile)
	}
	return inTemp("deps", func(work string) error {
		src := filepath.Join(work, "src")
		if err := os.CopyFS(src, os.DirFS("mod")); err != nil {
			return err
		}
		d.dir = filepath.Join(src, filepath.FromSlash(*dir))
		if d.profile != "" {
			d.build = append(d.build[:len(d.build):len(d.build)], "-pgo="+filepath.Join(src, d.profile))
		}
		if d.env, err = d.private.setup(src); err != nil {
			return err
		}
		return d.run(work, src, *dir)
	})
}

// deps is what std and deps steps have in common.
type deps struct {
	caches
	private private
	step    string // its name, for people
	out     string
	build   []string // go build and its flags
	modules string   // where later steps have the module cache of the result; "" for none
	compile bool
	profile string   // path below the source
	dir     string   // that the go command runs in
	env     []string // that it needs to reach modules
	stderr  io.Writer
}

func (d *deps) options(f *flag.FlagSet) {
	d.caches.options(f)
	f.StringVar(&d.out, "out", "", "")
}

// inTemp calls do with a temporary folder.
func inTemp(name string, do func(work string) error) (err error) {
	work, err := os.MkdirTemp("", name+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	return do(work)
}

func (d *deps) run(work, src, dir string) error {
	n := newNote(src, d.build)
	fmt.Fprintf(d.stderr, "deps %s: not in a cache: %s\n", target(), d.why(n))
	if err := d.fill(work); err != nil {
		return err
	}
	if err := d.keepWorkSums(filepath.FromSlash(dir)); err != nil {
		return err
	}
	if err := fixFolder(d.out); err != nil {
		return err
	}
	return d.remember(n)
}

// fill writes what the imports take to the result.
func (d *deps) fill(work string) error {
	if d.modules == "" {
		listed, err := d.list(work)
		if err != nil || !d.compile {
			return err
		}
		return d.make(work, listed)
	}
	p, err := d.pruning()
	if err != nil {
		return err
	}
	listed, err := d.list(work)
	if err != nil || len(listed.packages) == 0 {
		return err
	}
	if err := p.prune(d, listed.packages); err != nil {
		return err
	}
	if err := d.make(work, listed); err != nil {
		return err
	}
	return p.clean()
}

// fixFolder gives a folder of a result the mode and the time that it has on every machine.
func fixFolder(dir string) error {
	return errors.Join(os.Chmod(dir, 0o755), os.Chtimes(dir, epoch, epoch))
}

// make lists the imports again, which completes the module cache of the result, and compiles those that can be, if the
// step does. It writes what that took to the result.
func (d *deps) make(work string, l *listing) error {
	if len(l.packages) == 0 {
		return nil
	}
	var flags []string
	if d.compile {
		flags = []string{"-export"}
	}
	var out, said bytes.Buffer
	cmd := d.goList(listErrors, l.wanted, flags...)
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(d.stderr, &said)
	if d.modules == "" {
		cmd.Env = append(cmd.Env, "GOPROXY=off") // all is there
	}
	var rec *gocache.Record
	var size int64
	var err error
	if d.compile {
		rec, size, err = d.export(cmd, work, d.out)
	} else {
		rec, err = d.caches.run(cmd, work)
	}
	switch {
	case err == nil:
		err = d.mistakes(l, &out)
	case !ofProxy(said.String()):
		err = d.leave(err)
	}
	if err != nil {
		return err
	}
	if d.compile {
		fmt.Fprintf(d.stderr, "%s %s: %s, %.0f MB\n", d.step, target(), counts(len(l.packages), rec), float64(size)/1e6)
	}
	if d.indexes == "" || len(rec.Indexes) == 0 {
		return nil
	}
	store, err := gocache.OpenStore(d.indexes)
	if err != nil {
		return err
	}
	_, err = gocache.WriteIndexes(filepath.Join(d.out, indexesDir), store, rec.Indexes)
	return err
}

// mistakes shows those that came up while packages were compiled, as go build does.
func (d *deps) mistakes(l *listing, out io.Reader) error {
	packages, err := decode(out)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, p := range l.packages {
		known[p.ImportPath] = p.Error != nil
	}
	found := false
	for _, p := range packages {
		if p.Error == nil || known[p.ImportPath] {
			continue
		}
		if ofProxy(p.Error.Err) {
			return errors.New(p.Error.Err)
		}
		found = true
		fmt.Fprintln(d.stderr, strings.TrimSuffix(p.Error.Err, "\n"))
	}
	if found {
		d.unfinished()
	}
	return nil
}

// counts says how many of the packages were compiled, where that is known, for people.
func counts(packages int, rec *gocache.Record) string {
	if rec.Packages+rec.Compiled == 0 {
		return fmt.Sprintf("%d packages", packages)
	}
	return fmt.Sprintf("%d packages, %d from cache, %d compiled", packages, max(0, packages-rec.Compiled), rec.Compiled)
}

// leave makes no error of a go build that found mistakes: they are the compile step's to
// report, which knows the files that they are in.
func (d *deps) leave(err error) error {
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 1 {
		d.unfinished()
		return nil
	}
	return err
}

func (d *deps) unfinished() {
	fmt.Fprintf(d.stderr, "%s %s: not everything compiles; the compile step says why\n", d.step, target())
}

// keepWorkSums keeps a go.work.sum that the go command has completed in its directory, dir below the source.
func (d *deps) keepWorkSums(dir string) error {
	data, err := os.ReadFile(filepath.Join(d.dir, workSums))
	if err != nil {
		return nil // no workspace, or nothing was missing
	}
	if old, err := os.ReadFile(filepath.Join("mod", dir, workSums)); err == nil && string(old) == string(data) {
		return nil
	}
	return os.WriteFile(filepath.Join(d.out, workSums), data, 0o644)
}

func target() string { return os.Getenv("GOOS") + "/" + os.Getenv("GOARCH") }

// imports reads the list in the working directory. Every program takes the runtime, whether it
// imports something or not.
func imports() ([]string, error) {
	data, err := os.ReadFile(scan.ImportsFile)
	return append(strings.Fields(string(data)), "runtime"), err
}
