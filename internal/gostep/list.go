package gostep

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// listing is what go list says of imports.
type listing struct {
	wanted   []string // the imports
	packages []listed // and all that they import
}

// listed is one package. https://pkg.go.dev/cmd/go#hdr-List_packages_or_modules
type listed struct {
	ImportPath, Dir string
	Error           *struct{ Err string }

	GoFiles, CgoFiles, CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles, SwigFiles, SwigCXXFiles, SysoFiles, EmbedFiles []string
}

const (
	listErrors = "ImportPath,Error"
	listFields = listErrors + ",Dir,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles"
)

// list asks the go command for the listed imports, which downloads the modules that they
// take. Mistakes that the source has are left to the compile step; others, as a registry
// that does not answer, are errors.
func (d *deps) list(work string) (*listing, error) {
	l := &listing{}
	var err error
	if l.wanted, err = imports(); err != nil {
		return nil, err
	}
	work = filepath.Join(work, "list")
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, err
	}
	var out, said bytes.Buffer
	cmd := d.goList(listFields, l.wanted)
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(d.stderr, &said)
	var failed *exec.ExitError
	_, err = d.caches.run(cmd, work)
	if errors.As(err, &failed) && failed.ExitCode() == 1 && ofSource(said.String()) {
		return l, d.leave(err)
	} else if err != nil {
		if advice := d.private.explain(said.String(), ""); advice != "" {
			fmt.Fprintf(d.stderr, "%s %s: %s\n", d.step, target(), advice)
		}
		return nil, err
	}
	if l.packages, err = decode(&out); err != nil {
		return nil, err
	}
	var mistakes []string
	var about string // the package of the first
	for _, p := range l.packages {
		if p.Error != nil && !ofSource(p.Error.Err) && !slices.Contains(mistakes, p.Error.Err) {
			mistakes = append(mistakes, p.Error.Err)
			about = cmp.Or(about, p.ImportPath)
		}
	}
	if len(mistakes) > 0 {
		text := strings.Join(mistakes[:min(len(mistakes), mostMistakes)], "\n")
		return nil, errors.New(d.advise(text, about))
	}
	return l, nil
}

// mostMistakes are shown: a registry that does not answer is one for each module.
const mostMistakes = 8

// goList is a command that says the fields of imports, and of all that they import, as decode reads it.
func (d *deps) goList(fields string, imports []string, flags ...string) *exec.Cmd {
	args := slices.Concat([]string{"list", "-e", "-deps", "-json=" + fields}, flags, d.build[2:], []string{"--"}, imports)
	cmd := exec.Command(d.build[0], args...)
	cmd.Dir, cmd.Stderr = d.dir, d.stderr
	cmd.Env = slices.Concat(os.Environ(), d.env)
	return cmd
}

func decode(out io.Reader) (packages []listed, err error) {
	for dec := json.NewDecoder(out); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// ofSource reports whether a mistake that the go command found follows from the source alone:
// it will be there again, and the compile step, which has the source, shows its place.
func ofSource(text string) bool {
	has := func(part string) bool { return strings.Contains(text, part) }
	return !slices.ContainsFunc(ofNetwork, has) && slices.ContainsFunc(ofSourceOnly, has)
}

// ofProxy reports whether the go command could not take a module from the old module cache, so that the new one lacks
// something: no mistake of the source.
func ofProxy(text string) bool {
	return strings.Contains(text, ": reading file://") || strings.Contains(text, "checksum mismatch")
}

// ofNetwork are parts of what the go command says when a module can't be had or trusted.
var ofNetwork = []string{"://", "dial tcp", "lookup ", "SECURITY ERROR", "checksum mismatch", "exit status"}

// ofSourceOnly are parts of what cmd/go/internal/{load,modload} and go/build say of source.
var ofSourceOnly = []string{
	"no required module provides package", "cannot find module providing package", "missing go.sum entry", "does not contain package",
	"is not in std", "ambiguous import", "use of internal package", "use of vendored package", "import cycle not allowed",
	"is a program, not an importable package", "malformed import path", "invalid import path", "relative import",
	"build constraints exclude all Go files", "no Go files in", "no non-test Go files in", "found packages ", "no matching files found", "expected ",
	"updates to go.mod needed", "updates to go.sum needed", "updates to go.work needed", "errors parsing go.", "inconsistent vendoring",
	"requires go >=", "cannot find main module", "is replaced but not required", "does not exist", "no such file or directory",
}
