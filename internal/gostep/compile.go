package gostep

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/gocache"
)

// runCompile runs a go build. With -o it checks the result against the command line and
// the environment that it ran with. With -objects it links nothing and writes the build cache
// entries of the packages that no layer has, as a layer. The store gets a mark for each package.
func runCompile(args []string, stderr io.Writer) error { return runGoBuild(args, stderr, true) }

// runLink is runCompile where layers have all packages: the store learns nothing of them.
func runLink(args []string, stderr io.Writer) error { return runGoBuild(args, stderr, false) }

func runGoBuild(args []string, stderr io.Writer, compiles bool) error {
	c := compilation{stderr: stderr}
	f := flag.NewFlagSet("compile", flag.ContinueOnError)
	c.options(f)
	f.StringVar(&c.file, "o", "", "")
	f.StringVar(&c.objects, "objects", "", "")
	var err error
	if c.build, err = parse(f, args, 3); err != nil || c.store == "" || (c.file == "") == (c.objects == "") {
		return errUsage
	}
	err = inTemp("compile", func(work string) error {
		if err := c.completeSums(work); err != nil {
			return err
		}
		if c.hasIndexes() {
			c.indexes = filepath.Join(work, "indexes")
		}
		if c.objects != "" {
			return c.compileObjects(work)
		}
		return c.compileBinary(work)
	})
	if err != nil || !compiles {
		return err
	}
	return c.mark()
}

// mark sets the marks of the packages.
func (c *compilation) mark() error {
	for _, arg := range c.build {
		if arg == "." || strings.HasPrefix(arg, "./") {
			if err := markOfPackage(arg).set(c.store); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasIndexes reports whether a layer brings module indexes. Own packages never have one, by
// their times: see scan.Narrow.
func (c caches) hasIndexes() bool {
	return slices.ContainsFunc(c.layers, func(dir string) bool {
		_, err := os.Stat(filepath.Join(dir, indexesDir))
		return err == nil
	})
}

type compilation struct {
	caches
	build   []string // go build, its flags and the package
	file    string
	objects string
	stderr  io.Writer
}

func (c *compilation) compileBinary(work string) error {
	want, err := expected(c.build, c.file, os.Getenv)
	if err != nil {
		return err
	}
	last := len(c.build) - 1
	args := append(c.build[1:last:last], "-o", c.file, c.build[last])
	// A file of the same mount is moved to its place, not copied.
	dir, err := filepath.Abs(filepath.Dir(c.file))
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err != nil {
		return err
	}
	cmd := c.command(args...)
	cmd.Env = append(os.Environ(), "GOTMPDIR="+dir)
	rec, err := c.run(cmd, work)
	if err != nil {
		return err
	}
	found, err := want.verify()
	if err != nil {
		return fmt.Errorf("%s is not what was asked for: %w", want.file, err)
	}
	fmt.Fprintf(c.stderr, "compile %s: %s%s\n", want.target(), taken(rec), found)
	return nil
}

// compileObjects compiles main packages and all that they import. That is go list's work: go build
// would link.
func (c *compilation) compileObjects(work string) error {
	if err := os.MkdirAll(c.objects, 0o755); err != nil {
		return err
	}
	args := append([]string{"list", "-export", "-f", "{{.ImportPath}}"}, c.build[2:]...)
	cmd := c.command(args...)
	cmd.Stdout = nil
	rec, _, err := c.export(cmd, work, c.objects)
	if err != nil {
		return err
	}
	if err := fixFolder(c.objects); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "compile %s: %snothing linked\n", target(), taken(rec))
	return nil
}

func (c *compilation) command(words ...string) *exec.Cmd {
	cmd := exec.Command(c.build[0], words...)
	cmd.Stdout, cmd.Stderr = c.stderr, c.stderr
	return cmd
}

// taken says what came from the cache, where that is known.
func taken(rec *gocache.Record) string {
	if rec.Packages+rec.Compiled == 0 {
		return ""
	}
	return counts(rec.Packages+rec.Compiled, rec) + ", "
}

// binary is what a go build command line and its environment say of their result.
type binary struct {
	file         string
	goos, goarch string
	settings     map[string]string // of the build info, without those that are left to go
	mode         string            // -buildmode
	static       bool              // without a dynamic loader and shared libraries
	noSymbols    bool              // -s
	noDWARF      bool              // -w, which -s implies
}

func (b binary) target() string { return b.goos + "/" + b.goarch }

// levels are the variables of which go records the one of GOARCH.
var levels = map[string]string{
	"386": "GO386", "amd64": "GOAMD64", "arm": "GOARM", "arm64": "GOARM64",
	"mips": "GOMIPS", "mipsle": "GOMIPS", "mips64": "GOMIPS64", "mips64le": "GOMIPS64",
	"ppc64": "GOPPC64", "ppc64le": "GOPPC64", "riscv64": "GORISCV64",
}

// expected reads the command line of a go build that makes file, and the environment.
func expected(args []string, file string, env func(string) string) (binary, error) {
	b := binary{file: file, goos: env("GOOS"), goarch: env("GOARCH"), settings: map[string]string{"GOOS": env("GOOS"), "GOARCH": env("GOARCH")}}
	if b.goos == "" || b.goarch == "" {
		return b, errors.New("GOOS and GOARCH must be set")
	}
	if v := env("CGO_ENABLED"); v != "" {
		b.settings["CGO_ENABLED"] = v
	}
	if key := levels[b.goarch]; key != "" && env(key) != "" {
		b.settings[key] = env(key)
	}
	static := false
	for _, arg := range args {
		flag, value, _ := strings.Cut(arg, "=")
		switch flag {
		case "-trimpath", "-race", "-msan", "-asan", "-cover":
			if value == "" || value == "true" {
				b.settings[flag] = "true"
			}
		case "-tags":
			b.settings["-tags"] = value
		case "-buildmode":
			b.mode = value
			if value != "default" {
				b.settings[flag] = value
			}
		case "-ldflags":
			words := strings.Fields(value)
			for _, w := range words {
				b.noSymbols = b.noSymbols || w == "-s"
				b.noDWARF = b.noDWARF || w == "-s" || w == "-w"
				_, flags, ok := strings.Cut(w, "-extldflags=") // each word of it is one here
				static = static || ok && isStaticFlag(strings.TrimRight(flags, `'"`)) || isStaticFlag(strings.Trim(w, `'"`))
			}
		}
	}
	// A position-independent program names a loader; other systems link to their libc.
	b.static = b.goos == "linux" && !b.isLibrary() && (static || b.settings["CGO_ENABLED"] == "0" && b.mode != "pie")
	return b, nil
}

// isStaticFlag reports whether a C linker's flag leaves no shared library to a program.
func isStaticFlag(w string) bool { return w == "-static" || w == "-static-pie" }
