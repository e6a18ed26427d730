package lab

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"text/template"

	"github.com/acme/xbuild/internal/gen"
)

// Names of the contestants.
const (
	GoBuild    = "go build"
	XBuild     = "xbuild"
	Dockerfile = "Dockerfile"
	Listed     = "Dockerfile, listed"
	Plain      = "Dockerfile, no mounts"
	Generated  = "gen dockerfile"
	Spread     = "xbuild, two daemons" // one for each of Platforms
	Ko         = "ko"
	GoReleaser = "GoReleaser"
	Emulated   = "Dockerfile, emulated" // as Dockerfile, each platform on a toolchain of its own
)

// Contestant is a way to build programs.
type Contestant struct {
	name  string
	file  string                                     // what it builds from, "" when it is the spec or nothing
	named bool                                       // file has the images of the spec as targets
	host  bool                                       // it has no cache to export: a fresh machine is a cold one
	write func(p *Program, dir string) error         // adds that to a copy of p
	start func(ctx context.Context) (machine, error) // a machine that knows nothing

	warm   machine               // nil until one has built
	spaces map[string]*workspace // by program
}

// machine builds, and remembers.
type machine interface {
	build(ctx context.Context, r request) (*Sample, error) // timed, without Binaries
	look(ctx context.Context, r request, s *Sample) error  // at what the last build made, and adds it to s
	Close() error
}

// request is one build.
type request struct {
	*workspace
	version string   // of a stamped program
	flags   []string // further ones of "buildx build"
}

func contestants(l *Lab) map[string]*Contestant {
	all := map[string]*Contestant{}
	for _, c := range []*Contestant{
		{name: GoBuild, write: noFile, start: l.newHost},
		{name: XBuild, write: l.writeSpec, start: l.newDaemon},
		{name: Spread, write: stampSpec, start: l.newSpread},
		{name: Dockerfile, file: "mounts.Dockerfile", write: fill("mounts.Dockerfile", crossFrom()), start: l.newDaemon},
		{name: Listed, file: "listed.Dockerfile", write: fill("listed.Dockerfile", crossFrom()), start: l.newDaemon},
		{name: Plain, file: "plain.Dockerfile", write: fill("plain.Dockerfile", crossFrom()), start: l.newDaemon},
		{name: Generated, file: "gen.Dockerfile", named: true, write: generate("gen.Dockerfile", l.Shell), start: l.newDaemon},
		{name: Ko, write: configure("ko.yaml", ".ko.yaml"), start: l.newKo, host: true},
		{name: GoReleaser, write: configure("goreleaser.yaml", ".goreleaser.yaml"), start: l.newGoReleaser, host: true},
		{name: Emulated, file: "mounts.Dockerfile", write: fill("mounts.Dockerfile", nativeFrom()), start: l.newEmulating},
	} {
		all[c.name] = c
	}
	return all
}

func noFile(*Program, string) error { return nil }

// writeSpec stamps the spec and has fresh machines take a seed, as a project in CI does.
func (l *Lab) writeSpec(p *Program, dir string) error {
	if err := stampSpec(p, dir); err != nil {
		return err
	}
	old, err := os.ReadFile(filepath.Join(dir, p.Spec))
	if err != nil {
		return err
	}
	return write(dir, map[string]string{p.Spec: fmt.Sprintf("%s\ncache: {seed: \"%s\"}\n", old, l.seed(p))})
}

// seed is the reference of xbuild's seed. It is in the repository of the cache, whose layers it has.
func (l *Lab) seed(p *Program) string {
	return l.Registry.Ref(path.Join("bench", XBuild, p.Name, "cache")) + ":seed"
}

// stampSpec has the linker set the version of a stamped program.
func stampSpec(p *Program, dir string) error {
	if !p.Stamped {
		return nil
	}
	old, err := os.ReadFile(filepath.Join(p.Dir, p.Spec))
	if err != nil {
		return err
	}
	return write(dir, map[string]string{
		p.Spec: string(old) + "\nbuild:\n  ldflags: [\"-X main.version={{.Version}}\"]\n",
	})
}

//go:embed *.Dockerfile *.yaml dockerignore
var embedded embed.FS

// crossFrom is what a Dockerfile that compiles for other platforms is built on.
func crossFrom() string { return "--platform=$BUILDPLATFORM golang:" + goVersion() + "-alpine" }

// nativeFrom is what one that doesn't is built on: each platform on a toolchain for it.
func nativeFrom() string { return "golang:" + goVersion() + "-native" }

func goVersion() string { return strings.TrimPrefix(runtime.Version(), "go") }

// fill writes the Dockerfile that the embedded template makes, with what it is built on, and the .dockerignore that goes with it.
func fill(name, from string) func(p *Program, dir string) error {
	return func(p *Program, dir string) error {
		t, err := template.New(name).Funcs(template.FuncMap{"words": words}).ParseFS(embedded, name)
		if err != nil {
			return err
		}
		var text strings.Builder
		err = t.Execute(&text, struct {
			From           string
			Modules        []string
			Imports, Mains []string
			Stamped        bool
		}{from, p.modules, p.imports, p.Mains, p.Stamped})
		if err != nil {
			return err
		}
		ignore, err := embedded.ReadFile("dockerignore")
		if err != nil {
			return err
		}
		return write(dir, map[string]string{name: text.String(), ".dockerignore": string(ignore)})
	}
}

// generate has gen write the Dockerfile, as a user would who leaves xbuild.
func generate(name, toolchain string) func(p *Program, dir string) error {
	return func(p *Program, dir string) error {
		if err := stampSpec(p, dir); err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, p.Spec))
		if err != nil {
			return err
		}
		spec := strings.NewReader(withToolchain(string(text), toolchain))
		var messages strings.Builder
		if gen.Main([]string{"dockerfile", "-f", "-", "-o", filepath.Join(dir, name), dir}, spec, &messages, &messages) != 0 {
			return fmt.Errorf("gen dockerfile: %s", messages.String())
		}
		ignore, err := embedded.ReadFile("dockerignore")
		if err != nil {
			return err
		}
		return write(dir, map[string]string{".dockerignore": string(ignore)})
	}
}

// withToolchain is a spec whose key go, a line of its own if it is there, names an image.
func withToolchain(spec, image string) string {
	var out strings.Builder
	for line := range strings.Lines(spec) {
		if !strings.HasPrefix(line, "go:") {
			out.WriteString(line)
		}
	}
	return fmt.Sprintf("%s\ngo: {image: %q}\n", out.String(), image)
}

// words are elements of a JSON list.
func words(list []string) (string, error) {
	b, err := json.Marshal(list)
	return strings.Trim(string(b), "[]"), err
}

// workspace is a contestant's copy of a program. Between builds nothing in it is changed.
type workspace struct {
	*Program
	contestant *Contestant
	dir        string
	image      string // repository of what is built
	cache      string // repository of the cache that fresh machines import
	built      bool   // by the contestant's warm machine
	exported   *Sample
	saved      string // file with the caches of a machine that has built it, "" before there is one
}

func (c *Contestant) workspace(p *Program, temp string) (*workspace, error) {
	if w := c.spaces[p.Name]; w != nil {
		return w, nil
	}
	id := path.Join(strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(c.name)), p.Name)
	w := &workspace{Program: p, contestant: c, dir: filepath.Join(temp, id), image: "bench/" + id, cache: "bench/" + id + "/cache"}
	if err := errors.Join(os.RemoveAll(w.dir), os.CopyFS(w.dir, os.DirFS(p.Dir))); err != nil {
		return nil, err
	}
	if err := c.write(p, w.dir); err != nil {
		return nil, err
	}
	if c.spaces == nil {
		c.spaces = map[string]*workspace{}
	}
	c.spaces[p.Name] = w
	return w, nil
}

// with runs build on the workspace with a change made.
func (w *workspace) with(ch Change, build func() (*Sample, error)) (s *Sample, err error) {
	restore, err := w.change(ch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, restore()) }()
	return build()
}

// change makes a change until it is taken back.
func (w *workspace) change(ch Change) (restore func() error, err error) {
	before := map[string]string{}
	for name := range ch.Files {
		old, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			return nil, err
		}
		before[name] = string(old)
	}
	restore = func() error { return write(w.dir, before) }
	if err := write(w.dir, ch.Files); err != nil {
		return nil, errors.Join(err, restore())
	}
	return restore, nil
}

// flags are those of "buildx build" that say what the contestant builds.
func (r request) buildFlags() []string {
	flags := []string{"--platform", strings.Join(r.Platforms, ","), "--provenance=false"}
	if file := r.contestant.file; file != "" {
		flags = append(flags, "--file", filepath.Join(r.dir, file))
		if r.contestant.named {
			flags = append(flags, "--target", r.Target)
		}
	} else {
		flags = append(flags, "--file", filepath.Join(r.dir, r.Spec), "--target", r.Target)
	}
	if r.Stamped {
		flags = append(flags, "--build-arg", fmt.Sprintf("VERSION=%s", r.version))
	}
	return append(flags, r.flags...)
}
