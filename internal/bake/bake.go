// Package bake writes bake files: what docker buildx bake takes to build and push all images
// of a spec, with the cache exported to a registry.
// https://docs.docker.com/build/bake/reference/
package bake

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Options are what a bake file says besides the spec.
type Options struct {
	// File is the spec's name, for people.
	File string
	// Context is the build context as the process finds it that runs bake. Required.
	Context string
	// Dockerfile is the spec's path relative to Context.
	Dockerfile string
	// Inline is the text of the spec, in place of Dockerfile.
	Inline string
	// Platforms that are asked for, of all targets; empty: those of Request, as they suit a target.
	Platforms []ocispecs.Platform
	// Request holds the platforms of the project and the platform that steps run on.
	Request plan.Request
	// Cache is a reference in a registry, in place of the spec's.
	Cache string
	// Split makes a target, and a cache, for each platform.
	Split bool
}

// Result is a bake file and what there is to say of it.
type Result struct {
	File     *File
	Warnings diag.List
	// Allow are the privileges that docker buildx bake takes as --allow: it asks for them,
	// and where it can't ask it fails.
	Allow []string
	// Secrets are the environment variables that bake takes secrets from, sorted.
	Secrets []string
	// SSH are the agents that bake forwards, sorted.
	SSH []string
	// Images of the group default.
	Images []Image
	// Plans of all targets of the file, in its order.
	Plans []*plan.Plan
	// Cache is the reference that caches are kept at, "" for none, and Registry the default of
	// the variable REGISTRY.
	Cache, Registry string
}

// Image is where an image goes.
type Image struct {
	Name      string
	Platforms []ocispecs.Platform
}

// New makes the bake file of a spec. Its errors are those of plan.New for any of the targets,
// and names and paths that a bake file can't say.
func New(s *spec.Spec, facts *scan.Facts, o Options) (*Result, error) {
	e := &emitter{spec: s, facts: facts, opt: o, file: &File{}, names: map[string]string{}, secrets: map[string]string{}}
	if err := e.setCache(); err != nil {
		return nil, err
	}
	e.reads(o.Context)
	if o.Inline == "" {
		e.reads(path.Join(o.Context, o.Dockerfile))
	}
	infos, err := plan.List(s, facts, o.Request)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		if info.Name == plan.TargetVet || isSeed(info.Name) && s.Cache.Seed == "" { // others do them too
			continue
		}
		if err := e.plan(info); err != nil {
			return nil, err
		}
	}
	if err := e.emit(); err != nil {
		return nil, err
	}
	slices.Sort(e.out.Allow)
	slices.Sort(e.out.Secrets)
	slices.Sort(e.out.SSH)
	e.out.File, e.out.Cache, e.out.Registry = e.file, e.cache, e.registry()
	return &e.out, e.file.check()
}

type emitter struct {
	spec    *spec.Spec
	facts   *scan.Facts
	opt     Options
	file    *File
	out     Result
	cache   string            // "" for none
	builds  []build           // in the order of plan.List
	names   map[string]string // target by its name in the file
	secrets map[string]string // id by variable
}

// build is a target of the spec.
type build struct {
	target    string
	image     bool
	optional  bool // not in the group default
	platforms []ocispecs.Platform
	private   []plan.PrivateHost
	contexts  Map
	labels    map[string]bool // that the spec sets itself
}

// setCache finds the reference that caches are kept at. It has a tag, since those of targets
// differ in that.
func (e *emitter) setCache() error {
	ref := cmp.Or(e.opt.Cache, e.spec.Cache.Registry)
	if ref == "" {
		return nil
	}
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return fmt.Errorf("cache %q: %w", ref, err)
	}
	if _, ok := named.(reference.Digested); ok {
		return fmt.Errorf("cache %q has a digest: a cache is written again and again, under a tag", ref)
	}
	if _, ok := named.(reference.Tagged); !ok {
		ref += ":latest"
	}
	e.cache = ref
	return nil
}

// plan plans a target for what it needs of the client.
func (e *emitter) plan(info plan.TargetInfo) error {
	b := build{target: info.Name, image: !spec.IsBuiltinTarget(info.Name), labels: map[string]bool{}}
	own, of := e.imageOf(info.Name)
	b.optional = (!b.image || !own) && !isSeed(b.target)
	b.platforms = e.platforms(b, of)
	req := e.opt.Request
	req.Target, req.Platforms = b.target, b.platforms
	p, err := plan.New(e.spec, e.facts, req)
	if err != nil {
		return err
	}
	e.out.Plans = append(e.out.Plans, p)
	b.private = p.Private()
	b.contexts = e.contexts(p)
	for name := range of.Labels {
		b.labels[name] = true
	}
	e.builds = append(e.builds, b)
	if b.image && !b.optional {
		e.out.Images = append(e.out.Images, Image{b.target, b.platforms})
	}
	return nil
}

// imageOf gives the image of the spec that a target is, or is a variant of.
func (e *emitter) imageOf(target string) (own bool, of spec.Image) {
	if of, ok := e.spec.Images[target]; ok || len(e.spec.Images) == 0 {
		return true, of
	}
	for name, img := range e.spec.Images {
		if _, ok := img.Variants[target]; ok || target == spec.DebugTarget(name) {
			return false, img
		}
	}
	return false, spec.Image{}
}

// platforms are those of a target. Images are for Linux, and for what they have a base for,
// unless nothing is left: a project's other platforms are those of its bare binaries.
func (e *emitter) platforms(b build, of spec.Image) []ocispecs.Platform {
	switch {
	case b.target == plan.TargetTest:
		return nil
	case len(e.opt.Platforms) > 0:
		return e.opt.Platforms
	case !b.image:
		return e.opt.Request.Platforms
	}
	var list []ocispecs.Platform
	var left []string
	for _, p := range e.opt.Request.Platforms {
		if _, ok := of.Base[p.OS]; ok || p.OS == "linux" {
			list = append(list, p)
		} else {
			left = append(left, platforms.Format(p))
		}
	}
	if len(list) == 0 {
		return e.opt.Request.Platforms
	}
	if len(left) > 0 {
		e.out.Warnings.Add(e.spec.Pos("platforms"), "no-image-platform", "image %q is not built for %s: an image for another system than Linux needs a base for that",
			b.target, strings.Join(left, ", "))
	}
	return list
}

// contexts are the directories outside of the main context, by the names that the build has for them.
func (e *emitter) contexts(p *plan.Plan) (out Map) {
	seen := map[string]bool{}
	for _, o := range p.Outside() {
		name := p.Steps[o.From].(plan.Named).Name
		if seen[name] {
			continue
		}
		seen[name] = true
		dir := path.Join(e.opt.Context, o.Dir)
		out = append(out, Attr{name, literal(dir)})
		e.reads(dir)
	}
	slices.SortFunc(out, func(a, b Attr) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// reads notes what bake reads outside of the directory that it runs in.
func (e *emitter) reads(file string) {
	if strings.HasPrefix(file, "../") || path.IsAbs(file) || file == ".." {
		e.allow("fs.read=" + file)
	}
}

func (e *emitter) allow(what string) { e.out.Allow = with(e.out.Allow, what) }

// with adds an element that is not there yet.
func with(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
