package gostep

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// runPrune copies to out, as a root file system, what compiling and linking pure Go takes
// of the Go distribution on the PATH. One that does not run without the rest of its
// image, as a go command that needs a C library, takes the whole image along.
func runPrune(args []string, stderr io.Writer) error {
	if len(args) != 1 {
		return errUsage
	}
	out := args[0]
	d, err := findDistribution()
	if err != nil {
		fmt.Fprintf(stderr, "prune: the whole image is taken: %v\n", err)
		return copyTree("/", out, func(name string, d fs.DirEntry) bool {
			return !slices.Contains([]string{"dev", "proc", "sys", "tmp", "gostep", strings.Trim(out, "/")}, name)
		})
	}
	if err := copyTree(d.GOROOT, filepath.Join(out, d.GOROOT), d.keeps); err != nil {
		return err
	}
	link := filepath.Join(out, d.command)
	if _, err := os.Lstat(link); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	return os.Symlink(filepath.Join(d.GOROOT, "bin", "go"), link)
}

// distribution is an installed Go.
type distribution struct {
	GOROOT, GOTOOLDIR string
	command           string // the path by which the go command was found
}

// tools are the programs beside the go command that building pure Go runs.
var tools = []string{"asm", "compile", "cover", "link", "preprofile"}

// findDistribution gives the Go on the PATH, an error if it would not run alone.
func findDistribution() (d distribution, err error) {
	if d.command, err = exec.LookPath("go"); err != nil {
		return d, err
	}
	cmd := exec.Command(d.command, "env", "-json", "GOROOT", "GOTOOLDIR")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "GOENV=off", "GOFLAGS=", "GOWORK=off")
	data, err := cmd.Output()
	if err != nil {
		return d, fmt.Errorf("go env: %w", err)
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("go env: %w", err)
	}
	real, err := filepath.EvalSymlinks(d.command)
	if err != nil {
		return d, err
	}
	if real != filepath.Join(d.GOROOT, "bin", "go") {
		return d, fmt.Errorf("%s is not in GOROOT, %s", real, d.GOROOT)
	}
	for _, name := range []string{real, filepath.Join(d.GOTOOLDIR, "compile"), filepath.Join(d.GOTOOLDIR, "link"), filepath.Join(d.GOTOOLDIR, "asm")} {
		if err := isStatic(name); err != nil {
			return d, err
		}
	}
	return d, nil
}

// isStatic gives an error for a program that needs a dynamic loader.
func isStatic(name string) error {
	f, err := elf.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return fmt.Errorf("%s needs a dynamic loader", name)
	}
	return nil
}

// keeps reports whether a file of GOROOT is needed. Object files of other compilers are for
// the race detector and for BoringCrypto, which both need cgo.
func (d distribution) keeps(name string, e fs.DirEntry) bool {
	dir, base := filepath.Split(name)
	switch {
	case name == "bin" || name == "pkg" || name == "src" || name == "lib":
		return true
	case dir == "":
		return base == "VERSION" || base == "go.env"
	case dir == "bin/":
		return base == "go"
	case dir == "lib/":
		return base == "fips140"
	case dir == "pkg/":
		return base == "include" || base == "tool"
	case strings.HasPrefix(name, "pkg/tool/"):
		path := filepath.Join(d.GOROOT, name)
		return path == d.GOTOOLDIR || filepath.Dir(path) == d.GOTOOLDIR && slices.Contains(tools, base)
	case strings.HasPrefix(name, "src/cmd/"):
		return name == "src/cmd/go.mod"
	case e.IsDir():
		return base != "testdata"
	default:
		return !strings.HasSuffix(base, "_test.go") && !strings.HasSuffix(base, ".syso")
	}
}

// copyTree copies what keep takes of the tree from, links as links, with its modes. Names are
// relative to from; what is below a directory that is not kept is not asked for.
func copyTree(from, to string, keep func(name string, d fs.DirEntry) bool) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if name != "." && !keep(name, d) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		return copyEntry(path, filepath.Join(to, name), d)
	})
}

// copyEntry copies a file or link; of a directory it makes an empty one, of others nothing.
func copyEntry(from, to string, d fs.DirEntry) error {
	switch {
	case d.IsDir():
		return os.MkdirAll(to, 0o755)
	case d.Type() == fs.ModeSymlink:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case d.Type().IsRegular():
		info, err := d.Info()
		if err != nil {
			return err
		}
		return copyFile(from, to, info.Mode().Perm())
	default:
		return nil
	}
}

// copyFile copies a file to one that is not there yet.
func copyFile(from, to string, mode fs.FileMode) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		return err
	}
	return dst.Close()
}
