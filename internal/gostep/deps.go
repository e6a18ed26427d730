package gostep

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/internal/gocache"
)

// importsFile is the list of imports in a set, see scan.Narrow.
const importsFile = "imports.txt"

// touchedEnv names the file that the gocache command leaves the touched actions in.
const touchedEnv = "XBUILD_TOUCHED"

// runDeps compiles the imports that src lists with a go build command line, and copies what
// that took from the build cache, or put there, to out. An import that cannot be compiled
// is left to the compile step, which knows the file that wants it.
//
// src holds importsFile and, below mod, the go.mod, go.sum and go.work files; dir is where
// below them the go command runs.
func runDeps(src, out, dir string, build []string, stderr io.Writer) error {
	data, err := os.ReadFile(filepath.Join(src, importsFile))
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "deps-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := os.CopyFS(filepath.Join(work, "src"), os.DirFS(filepath.Join(src, "mod"))); err != nil {
		return err
	}
	d := deps{dir: filepath.Join(work, "src", filepath.FromSlash(dir)), build: build, stderr: stderr}
	imports, packages, err := d.list(strings.Fields(string(data)))
	if err != nil || len(imports) == 0 {
		return d.leave(err)
	}
	args := append([]string{}, build[1:]...)
	args = append(args, imports...)
	if !d.hasProtocol() {
		cmd := d.command(build[0], args...)
		cmd.Env = append(os.Environ(), "GOCACHE="+out, "GODEBUG="+strings.TrimPrefix(os.Getenv("GODEBUG")+",goindex=0", ","))
		return d.run(cmd)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	touched := filepath.Join(work, "touched.json")
	cmd := d.command(build[0], args...)
	cmd.Env = append(os.Environ(), "GOCACHEPROG="+self+" gocache "+os.Getenv("GOCACHE"), touchedEnv+"="+touched)
	if err := d.run(cmd); err != nil {
		return err
	}
	return d.export(touched, gocache.Dir(out), packages)
}

type deps struct {
	dir    string
	build  []string
	stderr io.Writer
}

func (d deps) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, d.stderr, d.stderr
	return cmd
}

// run runs a go build.
func (d deps) run(build *exec.Cmd) error { return d.leave(build.Run()) }

// leave makes no error of a go command that found mistakes: they are the compile step's to
// report, which knows the files that they are in.
func (d deps) leave(err error) error {
	var failed *exec.ExitError
	if errors.As(err, &failed) && failed.ExitCode() == 1 {
		fmt.Fprintf(d.stderr, "deps %s: not everything compiles; the compile step says why\n", target())
		return nil
	}
	return err
}

func target() string { return os.Getenv("GOOS") + "/" + os.Getenv("GOARCH") }

// hasProtocol reports whether the go command asks a GOCACHEPROG: it does since Go 1.24.
func (d deps) hasProtocol() bool {
	cmd := d.command(d.build[0], "env", "GOVERSION")
	cmd.Stdout = nil
	out, err := cmd.Output()
	var minor int
	n, _ := fmt.Sscanf(string(out), "go1.%d", &minor)
	return err == nil && n == 1 && minor >= 24
}

// list gives the imports that can be compiled, and the number of packages that this takes.
func (d deps) list(imports []string) (good []string, packages int, err error) {
	if len(imports) == 0 {
		return nil, 0, nil
	}
	args := []string{"list", "-e", "-deps", "-json=ImportPath,Incomplete"}
	for _, f := range d.build[2:] {
		if f == "-trimpath" || strings.HasPrefix(f, "-tags=") || strings.HasPrefix(f, "-mod=") {
			args = append(args, f)
		}
	}
	cmd := d.command(d.build[0], append(append(args, "--"), imports...)...)
	cmd.Stdout = nil
	out, err := cmd.Output()
	if err != nil {
		return nil, 0, err
	}
	incomplete := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; packages++ {
		var p struct {
			ImportPath string
			Incomplete bool
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, 0, fmt.Errorf("go list: %w", err)
		}
		incomplete[p.ImportPath] = p.Incomplete
	}
	for _, i := range imports {
		if bad, listed := incomplete[i]; listed && !bad {
			good = append(good, i)
		}
	}
	return good, packages, nil
}

// export copies the touched entries to out. One that is gone or damaged is left out: the
// compile step then makes it again. So are module indexes. A go command that failed before
// it asked for anything has left no list.
func (d deps) export(touched string, out gocache.Dir, packages int) error {
	var actions []gocache.ID
	data, err := os.ReadFile(touched)
	if err == nil {
		err = json.Unmarshal(data, &actions)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	from, copied := gocache.Dir(os.Getenv("GOCACHE")), 0
	for _, a := range actions {
		err := from.Copy(out, a)
		if err != nil && !errors.Is(err, gocache.ErrEntry) {
			return err
		}
		if err == nil {
			copied++
		}
	}
	fmt.Fprintf(d.stderr, "deps %s: %d packages, %d cache entries\n", target(), packages, copied)
	return nil
}

// runGocache serves the directory to the go command that started it.
func runGocache(dir string) error {
	touched, err := gocache.Serve(os.Stdin, os.Stdout, gocache.Dir(dir))
	if err != nil {
		return err
	}
	name := os.Getenv(touchedEnv)
	if name == "" {
		return nil
	}
	actions := make([]gocache.ID, 0, len(touched))
	for id := range touched {
		actions = append(actions, id)
	}
	data, err := json.Marshal(actions)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}
