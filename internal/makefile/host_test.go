package makefile_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counter stands for the go command and writes one line for each package that is compiled and each
// program that is linked.
const counter = `#!/bin/sh
if [ "$1" != build ]; then exec go "$@"; fi
shift
exec go build -toolexec="$COUNT/tool" "$@"
`

const tool = `#!/bin/sh
case "$(basename "$1") $*" in
*-V=full*) ;;
compile\ *|link\ *) echo "$(basename "$1") $GOOS/$GOARCH $TOOLEXEC_IMPORTPATH" >> "$COUNT/log" ;;
esac
exec "$@"
`

// host is a copy of examples/multi with source that no build cache has seen, in a git repository.
type host struct {
	t     *testing.T
	dir   string
	count string // directory of the counter and its log
}

func newHost(t *testing.T) *host {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	h := &host{t: t, dir: filepath.Join(t.TempDir(), "multi"), count: t.TempDir()}
	if err := os.CopyFS(h.dir, os.DirFS("../../examples/multi")); err != nil {
		t.Fatal(err)
	}
	for _, name := range h.goFiles() {
		h.change(name, "package ", fmt.Sprintf("// %d\n\npackage ", time.Now().UnixNano()))
	}
	for name, text := range map[string]string{"go": counter, "tool": tool} {
		if err := os.WriteFile(filepath.Join(h.count, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.generate()
	h.write(".gitignore", "/dist/\n")
	h.git("init", "-q", "-b", "main")
	h.commit()
	return h
}

func (h *host) goFiles() (names []string) {
	h.t.Helper()
	for _, pattern := range []string{"cmd/*/*.go", "internal/*/*.go"} {
		files, err := filepath.Glob(filepath.Join(h.dir, pattern))
		if err != nil || len(files) == 0 {
			h.t.Fatalf("%s: %v", pattern, err)
		}
		for _, f := range files {
			names = append(names, strings.TrimPrefix(f, h.dir+"/"))
		}
	}
	return names
}

// generate writes the Makefile of the spec.
func (h *host) generate() {
	h.t.Helper()
	h.write("Makefile", makefileOf(h.t, h.dir, request(amd64, arm64)))
}

func (h *host) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) read(name string) string {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(data)
}

// change replaces the first of a text in a file.
func (h *host) change(name, old, new string) {
	h.t.Helper()
	text := h.read(name)
	if !strings.Contains(text, old) {
		h.t.Fatalf("%s has no %q", name, old)
	}
	h.write(name, strings.Replace(text, old, new, 1))
}

func (h *host) command(name string, args ...string) string {
	h.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = h.dir
	cmd.Env = append(os.Environ(), "COUNT="+h.count, "MAKEFLAGS=", "GIT_CONFIG_GLOBAL=/dev/null",
		"GOEXPERIMENT=nojsonv2", "GOAMD64=v3", "GOFLAGS=-tags=nolog") // what a person has set, which must not matter
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		h.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

func (h *host) git(args ...string) {
	h.t.Helper()
	h.command("git", append([]string{"-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
}

func (h *host) commit() {
	h.t.Helper()
	h.git("add", "-A")
	h.git("commit", "-q", "-m", "x")
}

// age gives every file one time, long ago.
func (h *host) age() {
	h.t.Helper()
	old := time.Unix(1_000_000_000, 0)
	for _, name := range h.goFiles() {
		if err := os.Chtimes(filepath.Join(h.dir, name), old, old); err != nil {
			h.t.Fatal(err)
		}
	}
}

// make makes goals and gives what was compiled of the project, what was linked, and the files in dist that
// were written, sorted.
func (h *host) make(args ...string) []string {
	h.t.Helper()
	log := filepath.Join(h.count, "log")
	if err := os.RemoveAll(log); err != nil {
		h.t.Fatal(err)
	}
	out := h.command("make", append([]string{"-j4", "GO=" + filepath.Join(h.count, "go")}, args...)...)
	data, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		h.t.Fatal(err)
	}
	var ran []string
	for _, line := range strings.Split(out+string(data), "\n") {
		if strings.HasPrefix(line, "dist/") || strings.Contains(line, "example.com/multi") {
			ran = append(ran, strings.ReplaceAll(line, "example.com/multi/", ""))
		}
	}
	slices.Sort(ran)
	return ran
}

// onBoth are the lines for both platforms, and the files in dist that come of the binaries.
func onBoth(lines, binaries []string) (out []string) {
	for _, p := range []string{"amd64", "arm64"} {
		for _, l := range lines {
			verb, what, _ := strings.Cut(l, " ")
			out = append(out, verb+" linux/"+p+" "+what)
		}
		for _, b := range binaries {
			out = append(out, "dist/"+b+"-linux-"+p)
		}
	}
	slices.Sort(out)
	return out
}

// TestHost has which compiles and links run, and which files are written, after each change.
func TestHost(t *testing.T) {
	h := newHost(t)
	everything := onBoth([]string{"compile internal/about", "compile cmd/shop", "compile cmd/worker", "link cmd/shop", "link cmd/worker"}, []string{"shop", "worker"})
	// about is compiled once for both binaries, but for amd64, where the worker has a level of its own
	everything = append(everything, "compile linux/amd64 internal/about")
	slices.Sort(everything)
	onlyShop := onBoth([]string{"compile cmd/shop", "link cmd/shop"}, []string{"shop"})
	onlyWorker := onBoth([]string{"compile cmd/worker", "link cmd/worker"}, []string{"worker"})
	for _, step := range []struct {
		name   string
		change func()
		goals  []string
		want   []string
		says   string // what the worker prints, "" for anything
	}{
		{name: "at first", want: everything},
		{name: "again"},
		{name: "docs only", change: func() { h.write("README.md", "hello\n"); h.change("web/index.html", "<", "<!-- x --><") }},
		{name: "all times are now", change: func() {
			for _, name := range h.goFiles() {
				h.write(name, h.read(name))
			}
		}},
		{name: "one binary's file", change: func() { h.change("cmd/shop/main.go", "(%s): %s", "[%s]: %s") }, want: onlyShop},
		{name: "and back", change: func() { h.git("checkout", "-q", "cmd/shop") }, want: onBoth([]string{"link cmd/shop"}, []string{"shop"})},
		{name: "a file that one binary's tags leave out", change: func() { h.change("cmd/worker/log.go", "log.Printf", "log.Printf /* */ ") }},
		{name: "an embedded file, of both", change: func() { h.write("internal/about/motto.txt", "Other.\n") }, want: everything},
		{name: "one file is asked for", change: func() { h.write("internal/about/motto.txt", "Third.\n") }, goals: []string{"dist/shop-linux-arm64"},
			want: []string{"compile linux/arm64 cmd/shop", "compile linux/arm64 internal/about", "dist/shop-linux-arm64", "link linux/arm64 cmd/shop"}},
		{name: "one platform is asked for", goals: []string{"linux/arm64"},
			want: []string{"compile linux/arm64 cmd/worker", "dist/worker-linux-arm64", "link linux/arm64 cmd/worker"}},
		{name: "the rest", want: []string{
			"compile linux/amd64 cmd/shop", "compile linux/amd64 cmd/worker", "compile linux/amd64 internal/about", "compile linux/amd64 internal/about",
			"dist/shop-linux-amd64", "dist/worker-linux-amd64", "link linux/amd64 cmd/shop", "link linux/amd64 cmd/worker"}},
		{name: "flags of the linker", change: func() { h.change("xbuild.yaml", "Channel=stable", "Channel=beta"); h.generate() },
			want: onBoth([]string{"link cmd/shop", "link cmd/worker"}, []string{"shop", "worker"})},
		{name: "flags of one binary", change: func() { h.change("xbuild.yaml", "goamd64: v2", "gcflags: [-B]"); h.generate() },
			want: onlyWorker},
		{name: "a file in dist is gone", change: func() { os.Remove(filepath.Join(h.dir, "dist/shop-linux-arm64")) }, want: []string{"dist/shop-linux-arm64"}},
		{name: "the same time and size, another content", change: func() {
			h.age()
			h.make()
			h.change("cmd/shop/main.go", "len(os.Args) < 2", "len(os.Args) < 3")
			h.age()
		}, want: onlyShop},
		{name: "the same time and size, another file by its constraint", change: func() {
			h.age()
			h.make()
			h.change("cmd/worker/log.go", "!nolog", " nolog")
			h.change("cmd/worker/nolog.go", "nolog\n", "nolo_\n")
			h.age()
		}, want: onlyWorker, says: "channel beta"},
		{name: "a branch with other source, and its times put back", change: func() {
			h.commit()
			h.git("checkout", "-q", "-b", "other")
			h.change("cmd/shop/main.go", "< 3", "< 4")
			h.commit()
			h.git("checkout", "-q", "main")
			h.age()
			h.make()
			h.git("checkout", "-q", "other")
			h.age()
		}, want: onlyShop},
		{name: "there and back", change: func() { h.git("checkout", "-q", "main"); h.git("checkout", "-q", "other") }},
	} {
		if step.change != nil {
			step.change()
		}
		if diff := cmp.Diff(step.want, h.make(step.goals...)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", step.name, diff)
		}
		if out := h.command("dist/worker-linux-" + runtime.GOARCH); step.says != "" && !strings.Contains(out, step.says) {
			t.Errorf("%s: the worker says %q, want %q", step.name, out, step.says)
		}
	}
}

// TestHostBinaries holds that the binaries are those of go build with the flags that images get, and that
// checksums are right and clean leaves nothing.
func TestHostBinaries(t *testing.T) {
	h := newHost(t)
	h.make("checksums")
	h.command("sh", "-c", "cd dist && sha256sum -c SHA256SUMS")
	for file, build := range map[string]string{
		"shop-linux-amd64":   "GOARCH=amd64 GOAMD64=v1 go build ./cmd/shop",
		"worker-linux-amd64": "GOARCH=amd64 GOAMD64=v2 go build -tags=nolog ./cmd/worker",
		"shop-linux-arm64":   "GOARCH=arm64 GOARM64=v8.0 go build ./cmd/shop",
		"worker-linux-arm64": "GOARCH=arm64 GOARM64=v8.0 go build -tags=nolog ./cmd/worker",
	} {
		flags := "go build -trimpath -buildvcs=false '-ldflags=-s -w -X example.com/multi/internal/about.Channel=stable' -o ../plain"
		h.command("sh", "-c", "CGO_ENABLED=0 GOFLAGS= GOENV=off GOTOOLCHAIN=local GOOS=linux GOEXPERIMENT= "+strings.Replace(build, "go build", flags, 1))
		if h.read("../plain") != h.read("dist/"+file) {
			t.Errorf("%s is not what go build makes", file)
		}
	}
	h.make("clean")
	if _, err := os.Stat(filepath.Join(h.dir, "dist")); !os.IsNotExist(err) {
		t.Errorf("clean leaves dist: %v", err)
	}
}
