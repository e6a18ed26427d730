package gen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/spf13/cobra"
)

// source are the options that say which spec is read, of which build context.
type source struct {
	file string
}

// options adds them to a command, which takes the context as its argument.
func (o *source) options(cmd *cobra.Command) {
	cmd.Use += " [CONTEXT]"
	cmd.Args = cobra.MaximumNArgs(1)
	cmd.Flags().StringVarP(&o.file, "file", "f", "", `the spec; - is standard input (default: xbuild.yaml, xbuild.yml or Dockerfile in CONTEXT)`)
	must(cmd.MarkFlagFilename("file"))
	cmd.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
}

// project is a spec and the build context that it is for.
type project struct {
	dir  string // the context
	file string // of the spec, as messages have it
	data []byte
	spec *spec.Spec
	root string // what is scanned: dir, or a copy of it without what .dockerignore leaves out
}

// specNames are the files that a spec is looked for in.
var specNames = []string{"xbuild.yaml", "xbuild.yml", "Dockerfile"}

// load reads the spec of the context that args name, and parses it. The caller closes the
// project.
func (o *source) load(cmd *cobra.Command, args []string) (*project, error) {
	p, err := o.open(cmd, args)
	if err != nil {
		return nil, err
	}
	return p, p.parse()
}

// planning loads the project that args name, and hands it over with the request in the plan's terms.
func (o *source) planning(cmd *cobra.Command, args []string, r *request, do func(p *project, req plan.Request) error) error {
	p, err := o.load(cmd, args)
	if err != nil {
		return err
	}
	defer p.close()
	req, err := r.plan(p.spec)
	if err != nil {
		return err
	}
	return do(p, req)
}

// open reads the spec of the context that args name.
func (o *source) open(cmd *cobra.Command, args []string) (*project, error) {
	p := &project{dir: ".", file: o.file}
	if len(args) > 0 {
		p.dir = args[0]
	}
	if info, err := os.Stat(p.dir); err != nil || !info.IsDir() {
		return nil, errors.Join(err, fmt.Errorf("%s is no directory", p.dir))
	}
	return p, p.read(cmd.InOrStdin())
}

// parse parses the spec and finds out what of the context is scanned.
func (p *project) parse() (err error) {
	if p.spec, err = spec.Parse(p.file, p.data); err != nil {
		return err
	}
	p.root, err = withoutIgnored(p.dir, p.file)
	return err
}

func (p *project) close() error {
	if p.root == p.dir {
		return nil
	}
	return os.RemoveAll(p.root)
}

// read finds the spec and reads it.
func (p *project) read(in io.Reader) (err error) {
	switch p.file {
	case "-":
		p.file = "stdin"
		p.data, err = io.ReadAll(in)
		return err
	case "":
		return p.find()
	}
	p.data, err = os.ReadFile(p.file)
	return err
}

// find reads the first file that a spec is in.
func (p *project) find() error {
	for _, name := range specNames {
		file := filepath.Join(p.dir, name)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || err == nil && name == "Dockerfile" && !namesFrontend(data) {
			continue
		}
		p.file, p.data = file, data
		return err
	}
	return fmt.Errorf("no spec in %s: none of %s is one (name it with --file, or write one with gen init)", p.dir, strings.Join(specNames, ", "))
}

// namesFrontend tells a spec from a Dockerfile by its first line.
func namesFrontend(data []byte) bool {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	ref, ok := strings.CutPrefix(strings.ReplaceAll(string(line), " ", ""), "#syntax=")
	return ok && !strings.Contains(ref, "docker/dockerfile")
}

// request is what people ask of a spec by options.
type request struct {
	target    string
	platforms []string
	args      map[string]string
}

func (r *request) options(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.target, "target", "", "an image, or one of binaries, dist, test, vet, deps (default: as in the spec)")
	f.StringSliceVar(&r.platforms, "platform", nil, "platforms, as linux/arm64 (default: those of the spec)")
	f.StringToStringVar(&r.args, "build-arg", nil, "build args, as NAME=value")
}

// buildPlatform is what steps run on in a plan that is made on no builder: equal specs then
// give equal files on every machine.
var buildPlatform = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// defaultPlatforms are those of a spec that names none.
var defaultPlatforms = []string{"linux/amd64", "linux/arm64"}

// plan gives the request in the plan's terms.
func (r *request) plan(s *spec.Spec) (plan.Request, error) {
	out := plan.Request{Target: r.target, BuildPlatform: buildPlatform, Args: r.args, Epoch: r.args["SOURCE_DATE_EPOCH"], Version: r.args["VERSION"]}
	names := r.platforms
	if len(names) == 0 {
		names = s.Platforms
	}
	if len(names) == 0 {
		names = defaultPlatforms
	}
	for _, name := range names {
		p, err := platforms.Parse(name)
		if err != nil {
			return out, fmt.Errorf("--platform: %w", err)
		}
		out.Platforms = append(out.Platforms, p)
	}
	return out, nil
}

// facts scans the source for a request.
func (p *project) facts(req plan.Request) (*scan.Facts, error) {
	return scan.Dir(p.root, plan.ScanRequest(p.spec, req))
}

// plan decides what a request builds.
func (p *project) plan(req plan.Request) (*plan.Plan, error) {
	facts, err := p.facts(req)
	if err != nil {
		return nil, err
	}
	return plan.New(p.spec, facts, req)
}

// must is for what only a mistake in this package can break.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
