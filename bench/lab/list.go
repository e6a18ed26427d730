package lab

import (
	"bytes"
	"context"
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

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name, Dir               string
	GoFiles, TestGoFiles, Imports, Deps []string
	Module                              *struct{ Main bool }
}

// own reports whether the package is of the program's module or workspace.
func (l listed) own() bool { return l.Module != nil && l.Module.Main }

// path is the package's folder below the absolute path root, as go build takes it: ./cmd/shop.
func (l listed) path(root string) string {
	rel, err := filepath.Rel(root, l.Dir)
	if err != nil {
		panic(err) // both are absolute
	}
	return "./" + filepath.ToSlash(rel)
}

// mains are the own main packages of all, by import path.
func mains(all []listed) (mains []listed) {
	for _, l := range all {
		if l.own() && l.Name == "main" {
			mains = append(mains, l)
		}
	}
	slices.SortFunc(mains, func(a, b listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	return mains
}

// list gives the packages that match the patterns and all they import, each after its imports.
func list(ctx context.Context, dir string, patterns ...string) (all []listed, err error) {
	args := append([]string{"list", "-deps", "-json=ImportPath,Name,Dir,GoFiles,TestGoFiles,Imports,Deps,Module"}, patterns...)
	out, err := goCommand(ctx, dir, args...)
	if err != nil {
		return nil, err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		err := dec.Decode(&l)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
}

// importsOf is what own packages import that is not own, sorted: the list that a Dockerfile
// of dependencies is kept with.
func importsOf(all []listed) []string {
	var own, imports []string
	for _, l := range all {
		if l.own() {
			own = append(own, l.ImportPath)
			imports = append(imports, l.Imports...)
		}
	}
	slices.Sort(imports)
	return slices.DeleteFunc(slices.Compact(imports), func(i string) bool {
		return i == "C" || slices.Contains(own, i)
	})
}

// goCommand gives what go says, run for the first of [platforms].
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), buildEnv(Platforms()[0])...)
	out, err := cmd.Output()
	if err != nil {
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return out, nil
}

// buildEnv is the go command's environment for a platform, as every contestant sets it; "" is this machine's.
func buildEnv(platform string) []string {
	env := []string{"CGO_ENABLED=0", "GOFLAGS=", "GOTOOLCHAIN=local"}
	goos, arch, ok := strings.Cut(platform, "/")
	if !ok {
		return env
	}
	goarch, variant, _ := strings.Cut(arch, "/")
	if variant != "" && goarch == "arm" {
		env = append(env, "GOARM="+strings.TrimPrefix(variant, "v"))
	}
	return append(env, "GOOS="+goos, "GOARCH="+goarch)
}
