// Package plan decides what a request builds: from a spec, the facts of a scan
// and the request it makes a [Plan], plain data that every emitter reads. All
// defaults are applied here, once.
package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Plan is everything an emitter needs: no emitter reads a file, a clock, an
// environment variable or the network. Equal plans emit equal bytes.
type Plan struct {
	// Name of the project.
	Name string
	// Target is the image or built-in target that is built.
	Target string
	// BuildPlatform runs every step that executes something.
	BuildPlatform ocispecs.Platform
	// Toolchain is the reference of the image whose go command compiles.
	Toolchain Toolchain
	// Epoch is the time of every file and of the image config, in whole seconds since
	// 1970-01-01 UTC. It comes from the build-arg SOURCE_DATE_EPOCH; without one it is 0,
	// never the clock. https://reproducible-builds.org/specs/source-date-epoch/
	Epoch int64
	// Seed is the reference of an image of the target deps, of an earlier build, which a builder
	// that has not built the project takes compiled packages from; "" for none. That of
	// the target own is beside it, see spec.CacheRef.
	Seed string `json:",omitempty"`
	// Steps in an order in which each refers only to earlier ones.
	Steps []Step
	// Targets in the order the platforms were asked for, never empty.
	Targets []Target
	// Whole says that there is one target, for all platforms.
	Whole bool
	// Warnings do not stop the build.
	Warnings diag.List
}

// Toolchain is the image that holds the go command.
type Toolchain struct {
	Image string // docker.io reference, as a user would write it: golang:1.26-alpine
	// Go is the least version that the source accepts, as 1.N or 1.N.P; "" when it says none.
	Go     string
	GoFile string   // where Go was read: go.mod
	Pos    diag.Pos // what chose the image, the zero Pos when nothing in the spec did
}

// Target is the result for one platform.
type Target struct {
	Name        string // of the image, or a built-in target
	Platform    ocispecs.Platform
	Base        string // reference; "" for scratch
	BasePos     diag.Pos
	Layers      []StepID // from the lowest to the topmost
	Config      Config
	Annotations Annotations
}

// Annotations of an image, by what they are on.
// https://github.com/opencontainers/image-spec/blob/main/annotations.md
type Annotations struct {
	Manifest, ManifestDescriptor, Index, IndexDescriptor map[string]string
}

// Healthcheck is that of an image config; a zero field is the runtime's default.
type Healthcheck struct {
	Test                                          []string
	Interval, Timeout, StartPeriod, StartInterval time.Duration
	Retries                                       int
}

// Config is what the spec says of the image config. A zero field keeps what the
// base says; maps and Env are added to the base's.
type Config struct {
	User        string
	Entrypoint  []string // replaces the base's, and drops the base's Cmd
	Cmd         []string
	Env         []string // KEY=value, sorted
	WorkDir     string
	Ports       []string // 8080/tcp, one port each
	Volumes     []string
	Labels      map[string]string
	StopSignal  string
	Healthcheck *Healthcheck // nil keeps the base's
}

// Request is what a client asks of a spec.
type Request struct {
	// Target is an image's name or a built-in target; "" is the spec's default.
	Target string
	// Platforms asked for, in order; empty: the builder's own.
	Platforms []ocispecs.Platform
	// BuildPlatform is what the steps run on.
	BuildPlatform ocispecs.Platform
	// Epoch is the build-arg SOURCE_DATE_EPOCH: "" or a decimal integer ≥ 0.
	Epoch string
	// Labels are the client's own; they win over the spec's.
	Labels map[string]string
	// Args are the build args that the client gave, those that no spec declares included.
	Args map[string]string
	// Version is the build-arg VERSION. Revision and Source are what the client says of
	// the version control of the context. Each may be "".
	Version, Revision, Source string
}

// New decides what the request builds. The error is a list of every mistake, with
// the places in the spec.
func New(s *spec.Spec, facts *scan.Facts, req Request) (*Plan, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	b := newBuilder(s, facts, req)
	b.plan.BuildPlatform = req.BuildPlatform
	b.epoch()
	b.buildArgs()
	b.plan.Seed = s.Cache.Seed
	b.plan.Name = b.projectName(b.rootModule())
	if t := req.Target; t == TargetTest || t == TargetVet {
		b.plan.Target = t
		b.emitTest(t)
	} else if err := b.build(); err != nil {
		return nil, err
	}
	if err := b.errs.Err(); err != nil {
		return nil, err
	}
	b.plan.Warnings = b.warnings
	return &b.plan, nil
}

// build decides what a request for binaries builds.
func (b *builder) build() error {
	platforms := b.platforms()
	binaries := b.binaries()
	b.checkModules(binaries)
	images := b.images(binaries)
	if err := b.errs.Err(); err != nil {
		return err
	}
	names, img := b.target(binaries, images)
	if err := b.errs.Err(); err != nil {
		return err
	}
	binaries = img.built(binaries)
	b.named = binaries
	b.checkBuilds(names, binaries, platforms, img)
	b.toolchain(names, binaries)
	b.sources(names, binaries, platforms, img)
	b.emit(platforms, names, binaries, img)
	b.warnAll(binaries, img)
	return nil
}

// emit adds the steps and targets of the request.
func (b *builder) emit(platforms []ocispecs.Platform, names []string, binaries map[string]binary, img *image) {
	switch b.plan.Target {
	case TargetDist:
		b.emitDist(platforms, names, binaries)
		return
	case TargetDeps:
		b.emitDeps(platforms, names, binaries)
		return
	case TargetOwn:
		b.emitOwn(platforms, names, binaries)
		return
	}
	for _, p := range platforms {
		if img == nil {
			b.emitBinaries(p, names, binaries)
		} else {
			b.emitImage(p, binaries, img)
		}
	}
}

// TargetInfo says what a target is, for people who choose one.
type TargetInfo struct {
	Name        string
	Description string // "image with shop, worker"
	Base        string // reference, "scratch", or "" for what is no image
	Default     bool   // a request without a target means it
	Pos         diag.Pos
}

// List gives every target that a request may name, in the order of their names, those
// that are built in last. Its errors are those of New that concern no single target.
func List(s *spec.Spec, facts *scan.Facts, req Request) ([]TargetInfo, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	b := newBuilder(s, facts, req)
	binaries := b.binaries()
	b.checkModules(binaries)
	images := b.images(binaries)
	return b.list(images), b.errs.Err()
}

// ScanRequest is what the scan has to look for, given the spec and the request.
// Requests that differ only in the order of platforms or in their variants share a scan.
func ScanRequest(s *spec.Spec, req Request) scan.Request {
	builds := []spec.Binary{{Build: s.Build}}
	for _, name := range sortedKeys(s.Binaries) {
		bin := s.Binaries[name]
		builds = append(builds, spec.Binary{Build: merge(s, bin.Build), Overrides: bin.Overrides})
	}
	targets := map[string]scan.Target{}
	for _, p := range requested(s, req) {
		for _, b := range builds {
			t := scanTarget(on(b.Build, b.Overrides, p), p)
			targets[t.String()] = t
		}
	}
	var r scan.Request
	for _, key := range sortedKeys(targets) {
		r.Targets = append(r.Targets, targets[key])
	}
	return r
}

// scanTarget is what a binary that is built so on a platform is to the scan. The race
// detector sets a tag.
func scanTarget(b spec.Build, p ocispecs.Platform) scan.Target {
	tags := b.Tags
	if slices.ContainsFunc(b.Flags, func(f string) bool { return flagNamed(f, "race") && !strings.HasSuffix(f, "=false") }) {
		tags = append(slices.Clone(tags), "race")
	}
	return scan.Target{GOOS: p.OS, GOARCH: p.Architecture, CGo: b.CGo != nil && b.CGo.Enabled, Tags: tags}
}

// ImageUse is an image that the plan needs from a registry.
type ImageUse struct {
	Ref      string
	Platform ocispecs.Platform
	Pos      diag.Pos
}

// Images lists every image to look up, each once per platform; the toolchain is the first.
func (p *Plan) Images() []ImageUse {
	uses := []ImageUse{{Ref: p.Toolchain.Image, Platform: p.BuildPlatform, Pos: p.Toolchain.Pos}}
	add := func(use ImageUse) {
		same := func(u ImageUse) bool {
			return u.Ref == use.Ref && platforms.FormatAll(u.Platform) == platforms.FormatAll(use.Platform)
		}
		if !slices.ContainsFunc(uses, same) {
			uses = append(uses, use)
		}
	}
	for _, t := range p.Targets {
		if t.Base != "" {
			add(ImageUse{Ref: t.Base, Platform: t.Platform, Pos: t.BasePos})
		}
	}
	for _, s := range p.Steps {
		if img, ok := s.(Image); ok {
			add(ImageUse(img))
		}
	}
	return uses
}
