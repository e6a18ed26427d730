package gostep

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// CC says which C compiler a root file system needs. The names are those of plan.CC.
type CC struct {
	Target           string // for people: linux/arm64
	CC               string
	GNU, Debian, Zig string
	Packages, Libs   []string
	Snapshot         string
}

// compilerFile is where the cc command leaves the environment of the go command: CC, CXX and
// what else names programs and files for the target. The commands that run go take it from
// there, since no step before could know it: whether the image has zig, gcc or neither is
// seen here. A link or a script would do for programs without arguments, and with a shell.
const compilerFile = "/xbuild/cc.env"

// runCC installs what the image lacks, and writes the compiler file.
func runCC(args []string, stderr io.Writer) error {
	var c CC
	if len(args) != 1 {
		return errUsage
	}
	if err := json.Unmarshal([]byte(args[0]), &c); err != nil {
		return fmt.Errorf("compiler: %w", err)
	}
	has := func(name string) bool { _, err := exec.LookPath(name); return err == nil }
	found, err := c.choose(has, debianArch(runtime.GOARCH))
	if err != nil {
		return err
	}
	if len(found.packages) > 0 {
		if err := (apt{root: "/", stderr: stderr}).install(found.foreign, c.Snapshot, found.packages); err != nil {
			return err
		}
	}
	command := strings.Fields(found.env[0])[0]
	if _, program, _ := strings.Cut(command, "="); !has(program) {
		return fmt.Errorf("the toolchain image has no %s, and none of the packages brings it", program)
	}
	fmt.Fprintf(stderr, "cc %s: %s\n", c.Target, strings.Join(found.env, " "))
	if err := os.MkdirAll(filepath.Dir(compilerFile), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(compilerFile, []byte(strings.Join(found.env, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	if !slices.Contains(found.env, "ZIG_GLOBAL_CACHE_DIR="+zigCache) {
		return nil
	}
	return inTemp("cc", func(work string) error {
		return compileLibc(strings.Fields(strings.TrimPrefix(found.env[0], "CC=")), work, stderr)
	})
}

// compiler is a C compiler for a target.
type compiler struct {
	env      []string // KEY=value, CC the first
	packages []string // to install
	foreign  string   // architecture of some of them, "" where all are of the build platform
}

// choose decides on the compiler. has tells what is on the PATH, build is Debian's name of the
// build platform's architecture.
func (c CC) choose(has func(string) bool, build string) (compiler, error) {
	cc := c.CC
	if cc == "" && c.Zig != "" && len(c.Libs) == 0 && has("zig") {
		cc = "zig"
	}
	out := compiler{}
	native := c.Debian == build
	gnu := strings.ReplaceAll(c.GNU, "_", "-") // in names of packages
	packages := slices.Clone(c.Packages)
	switch cc {
	case "zig":
		if !has("zig") {
			return out, errors.New("cc: zig, but the toolchain image has no zig on its PATH")
		}
		out.env = []string{
			"CC=zig cc -target " + c.Zig, "CXX=zig c++ -target " + c.Zig, "AR=zig ar",
			"CGO_LDFLAGS=-O2", // go's default ends in -g, which takes back the -s before it
			"ZIG_GLOBAL_CACHE_DIR=" + zigCache,
		}
	case "", "gcc", "clang":
		prefix := c.GNU + "-"
		if native {
			prefix = ""
		}
		out.env = []string{"CC=" + prefix + "gcc", "CXX=" + prefix + "g++", "AR=" + prefix + "ar"}
		var lacks []string
		switch {
		case has(prefix + "gcc"):
		case native:
			lacks = []string{"gcc", "libc6-dev"}
		default:
			lacks = []string{"gcc-" + gnu, "libc6-dev-" + c.Debian + "-cross"}
		}
		if cc == "clang" {
			out.env[0], out.env[1] = "CC=clang --target="+c.GNU, "CXX=clang++ --target="+c.GNU
			if !has("clang") {
				lacks = append(lacks, "clang")
			}
		}
		if i := slices.Index(packages, "g++"); i >= 0 && !native {
			packages[i] = "g++-" + gnu
		}
		packages = append(lacks, packages...)
	default:
		out.env = []string{"CC=" + cc}
	}
	if c.GNU != "" && !native && cc != "zig" {
		dir := "/usr/lib/" + strings.Replace(c.GNU, "i686-", "i386-", 1) + "/pkgconfig"
		out.env = append(out.env, "PKG_CONFIG_LIBDIR="+dir+":/usr/share/pkgconfig")
	}
	if len(c.Libs) > 0 {
		named := func(pkg string) bool { name, _, _ := strings.Cut(pkg, "="); return name == "pkg-config" }
		if !has("pkg-config") && !slices.ContainsFunc(packages, named) {
			packages = append(packages, "pkg-config")
		}
		for _, lib := range c.Libs {
			packages = append(packages, ofArch(lib, c.Debian, native))
		}
		if !native {
			out.foreign = c.Debian
		}
	}
	out.packages = packages
	if len(packages) > 0 && !has("apt-get") {
		return out, fmt.Errorf("cgo for %s needs %s, which the toolchain image lacks, and it has no apt-get to install it: "+
			"set go.image to one on Debian, as golang:1.26, or to one that has zig", c.Target, strings.Join(packages, ", "))
	}
	return out, nil
}

// ofArch names a package, which may end in =VERSION, for an architecture.
func ofArch(pkg, arch string, native bool) string {
	if native {
		return pkg
	}
	name, version, pinned := strings.Cut(pkg, "=")
	name += ":" + arch
	if pinned {
		name += "=" + version
	}
	return name
}

// debianArch is Debian's name of a GOARCH that steps run on.
func debianArch(goarch string) string {
	names := map[string]string{"386": "i386", "arm": "armhf", "ppc64le": "ppc64el", "mips64le": "mips64el"}
	if name, ok := names[goarch]; ok {
		return name
	}
	return goarch
}

// useCompiler puts what the compiler file says into the environment, but for what is set: the
// spec's own wins. Without that file it does nothing.
func useCompiler(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if _, set := os.LookupEnv(key); !set && key != "" {
			err = errors.Join(err, os.Setenv(key, value))
		}
	}
	return err
}
