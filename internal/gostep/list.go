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

	"github.com/acme/xbuild/internal/gocache"
)

// listing is what go list says of imports.
type listing struct {
	packages []listed // the imports and all that they import
	good     []string // the imports that can be compiled
}

// listed is one package. https://pkg.go.dev/cmd/go#hdr-List_packages_or_modules
type listed struct {
	ImportPath, Dir string
	Incomplete      bool // it or what it imports has a mistake
	Error           *struct{ Err string }

	GoFiles, CgoFiles, CFiles, CXXFiles, MFiles, HFiles, FFiles, SFiles, SwigFiles, SwigCXXFiles, SysoFiles, EmbedFiles []string
}

const listFields = "ImportPath,Dir,Incomplete,Error,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles,EmbedFiles"

// list asks the go command for the listed imports, which downloads the modules that they
// take. Mistakes that the source has are left to the compile step; others, as a registry
// that does not answer, are errors.
func (d *deps) list(work string) (*listing, error) {
	wanted, err := imports()
	if err != nil {
		return nil, err
	}
	l := &listing{}
	if l.packages, _, err = d.goList(d.caches, filepath.Join(work, "list"), wanted); err != nil {
		return nil, err
	}
	incomplete := map[string]bool{}
	var mistakes []string
	var about string // the package of the first
	for _, p := range l.packages {
		incomplete[p.ImportPath] = p.Incomplete
		if p.Error != nil && !ofSource(p.Error.Err) && !slices.Contains(mistakes, p.Error.Err) {
			mistakes = append(mistakes, p.Error.Err)
			about = cmp.Or(about, p.ImportPath)
		}
	}
	if len(mistakes) > 0 {
		text := strings.Join(mistakes[:min(len(mistakes), mostMistakes)], "\n")
		return nil, errors.New(d.advise(text, about))
	}
	for _, i := range wanted {
		if bad, listed := incomplete[i]; listed && !bad {
			l.good = append(l.good, i)
		}
	}
	return l, nil
}

// mostMistakes are shown: a registry that does not answer is one for each module.
const mostMistakes = 8

// goList runs go list on imports, with caches and further environment. work is a temporary
// folder of its own.
func (d *deps) goList(c caches, work string, imports []string, env ...string) (packages []listed, rec *gocache.Record, err error) {
	if err := os.MkdirAll(work, 0o755); err != nil {
		return nil, nil, err
	}
	args := append([]string{"list", "-e", "-deps", "-json=" + listFields}, d.build[2:]...)
	cmd := d.command(append(append(args, "--"), imports...)...)
	cmd.Env = slices.Concat(os.Environ(), d.env, env)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(d.stderr, &said)
	var failed *exec.ExitError
	rec, err = c.run(cmd, work)
	if errors.As(err, &failed) && failed.ExitCode() == 1 && ofSource(said.String()) {
		return nil, nil, d.leave(err)
	} else if err != nil {
		if advice := d.private.explain(said.String(), ""); advice != "" {
			fmt.Fprintf(d.stderr, "%s %s: %s\n", d.step, target(), advice)
		}
		return nil, nil, err
	}
	for dec := json.NewDecoder(&out); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages, rec, nil
		} else if err != nil {
			return nil, nil, fmt.Errorf("go list: %w", err)
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
