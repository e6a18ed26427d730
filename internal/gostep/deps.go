package gostep

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

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
		listed, err := d.list(work)
		if err != nil {
			return err
		}
		return d.compileTo(work, listed)
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
	var outside list
	f.Var(&outside, "outside", "")
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
		for _, o := range outside { // which goes no further up
			src = filepath.Join(src, strings.Repeat("_/", strings.Count(o, "../")))
		}
		if err := os.CopyFS(src, os.DirFS("mod")); err != nil {
			return err
		}
		for _, o := range outside {
			rel, dir, _ := strings.Cut(o, "=")
			if err := linkTo(dir, filepath.Join(src, filepath.FromSlash(rel))); err != nil {
				return err
			}
		}
		d.dir = filepath.Join(src, filepath.FromSlash(*dir))
		if d.profile != "" {
			d.build = append(d.build[:len(d.build):len(d.build)], "-pgo="+filepath.Join(src, d.profile))
		}
		if d.env, err = d.private.setup(src); err != nil {
			return err
		}
		return d.run(work, src)
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

func (d *deps) run(work, src string) error {
	n := newNote(src, d.build)
	fmt.Fprintf(d.stderr, "deps %s: not in a cache: %s\n", target(), d.why(n))
	if d.modules != "" {
		d.indexes = filepath.Join(d.store, "indexes", toolchainKey(d.build[0]))
		if err := dropUnused(filepath.Dir(d.indexes), d.indexes, time.Now()); err != nil {
			return err
		}
	}
	listed, err := d.list(work)
	if err != nil {
		return err
	}
	pruned := make(chan error, 1)
	go func() { pruned <- d.pruneModules(listed, filepath.Join(work, "prune")) }()
	if d.compile {
		err = d.compileTo(work, listed)
	}
	if err := errors.Join(err, <-pruned); err != nil {
		return err
	}
	if err := d.keepWorkSums(src); err != nil {
		return err
	}
	if err := fixFolder(d.out); err != nil {
		return err
	}
	return d.remember(n)
}

// fixFolder gives a folder of a result the mode and the time that it has on every machine.
func fixFolder(dir string) error {
	return errors.Join(os.Chmod(dir, 0o755), os.Chtimes(dir, epoch, epoch))
}

// command is the go command with the verb and the flags of the build.
func (d *deps) command(words ...string) *exec.Cmd {
	cmd := exec.Command(d.build[0], words...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, d.stderr, d.stderr
	return cmd
}

// compileTo compiles the listed imports that can be, and writes what that took to the result.
func (d *deps) compileTo(work string, listed *listing) error {
	if len(listed.good) == 0 {
		return nil
	}
	cmd := d.command(append(append(compileWords(d.build), "--"), listed.good...)...)
	if cmd.Args[1] == "list" {
		cmd.Stdout = nil
	}
	cmd.Env = append(os.Environ(), "GOPROXY=off") // all is there
	rec, size, err := d.export(cmd, work, d.out)
	if err = d.leave(err); err != nil {
		return err
	}
	fmt.Fprintf(d.stderr, "%s %s: %s, %.0f MB\n", d.step, target(), counts(len(listed.packages), rec), float64(size)/1e6)
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
		fmt.Fprintf(d.stderr, "%s %s: not everything compiles; the compile step says why\n", d.step, target())
		return nil
	}
	return err
}

// keepWorkSums keeps a go.work.sum that the go command has completed.
func (d *deps) keepWorkSums(src string) error {
	data, err := os.ReadFile(filepath.Join(src, workSums))
	if err != nil {
		return nil // no workspace, or nothing was missing
	}
	if old, err := os.ReadFile(filepath.Join("mod", workSums)); err == nil && string(old) == string(data) {
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
