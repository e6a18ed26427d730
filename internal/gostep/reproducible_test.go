package gostep

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReproducible builds the step program, whose bytes are in the key of every step, from two
// copies of its source, with two build caches, as the root Dockerfile does: the bytes are equal.
func TestReproducible(t *testing.T) {
	args := dockerfileBuild(t)
	files := sources(t)
	var got [][]byte
	for i, cache := range []string{"", t.TempDir()} { // "": this machine's own
		root := filepath.Join(t.TempDir(), strings.Repeat("deeper/", i), "source")
		for _, file := range files {
			copySource(t, filepath.Join("../..", file), filepath.Join(root, file))
		}
		out := filepath.Join(t.TempDir(), "gostep")
		cmd := exec.CommandContext(t.Context(), "go", append(slices.Clone(args), "-o", out, "./cmd/gostep")...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOFLAGS=")
		if cache != "" {
			cmd.Env = append(cmd.Env, "GOCACHE="+cache)
		}
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, said)
		}
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, data)
	}
	if !bytes.Equal(got[0], got[1]) {
		t.Errorf("two builds of %d and %d bytes differ", len(got[0]), len(got[1]))
	}
}

// dockerfileBuild gives the arguments of the go command in the root Dockerfile, up to -o.
func dockerfileBuild(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`go (build .*) '(-ldflags=[^']*)' -o /out/gostep `).FindStringSubmatch(string(data))
	if command == nil {
		t.Fatal("no go build of gostep in the Dockerfile")
	}
	return append(strings.Fields(command[1]), command[2])
}

// sources gives the files of this module that the step program is built from.
func sources(t *testing.T) []string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=Dir,Standard,Module,GoFiles,SFiles,HFiles,EmbedFiles", "./cmd/gostep")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"go.mod", "go.sum"}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir                                 string
			Standard                            bool
			Module                              *struct{ Main bool }
			GoFiles, SFiles, HFiles, EmbedFiles []string
		}
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Standard || p.Module == nil || !p.Module.Main {
			continue
		}
		dir, err := filepath.Rel(root, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.ReadDir(p.Dir); err != nil { // by which go's test cache sees a new file
			t.Fatal(err)
		}
		for _, name := range slices.Concat(p.GoFiles, p.SFiles, p.HFiles, p.EmbedFiles) {
			files = append(files, filepath.Join(dir, name))
		}
	}
}

func copySource(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
