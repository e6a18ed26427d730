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

// StepID is an index in Plan.Steps.
type StepID int

// Step is one operation. The set is closed: Context, Named, Image, HTTP, System, Narrow, Prune, Std,
// Deps, CC, Compile, Link, Tool, Setcap, Test, Dist, Summary, Layer.
type Step interface{ step() }

// Context is the part of the build context that is sent to the builder.
type Context struct {
	Include []string // patterns as in .dockerignore
	Exclude []string
}

// Image is the file system of an image.
type Image struct {
	Ref      string
	Platform ocispecs.Platform
	Pos      diag.Pos
}

// Named is a build context that the client names besides the main one.
type Named struct {
	Name string
	Pos  diag.Pos
}

// Outside is a directory that a go.mod or go.work names outside of the build context.
type Outside struct {
	From StepID // a Named
	Dir  string // slash path relative to the context, it begins with ..
}

// HTTP is a file from a URL. Its name is the result's only one.
type HTTP struct {
	URL      string
	Checksum string // sha256:…
	Pos      diag.Pos
}

// HTTPFile is the name of the file that an HTTP step gives.
const HTTPFile = "file"

// System holds what programs expect of a system: CA certificates, time zones, passwd and
// group with root and nonroot (65532), and /tmp. It is the same for all platforms and comes
// with xbuild.
type System struct{}

// Narrow gives each build a folder, named by its ID, with the source that go build reads
// for it and nothing else: what another binary or another system reads is not in it.
type Narrow struct {
	Context StepID
	Builds  []scan.Build
}

// Prune takes from the toolchain what compiling and linking pure Go needs, as a root
// file system. Fresh machines pull that instead of the whole image.
type Prune struct{}

// Std compiles the part of the standard library that most programs take. Nothing of the
// project is in it but which of two lists it compiles: a module bumped leaves it as it is.
type Std struct {
	Source    StepID // a Narrow
	Set       string // folder of the list in it
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Platform  ocispecs.Platform
	Flags     []string // of go build, without those of the linker and of modules
	Env       []string // KEY=value, sorted
}

// Deps downloads what binaries import that is not their own, and compiles it. Its result is
// the build cache entries that Std lacks and, of the modules, the files that a compile
// step needs: a layer that travels with every cache export, so a machine that has never
// seen the build compiles own packages only. Binaries that are compiled alike share it.
// It may use the network.
type Deps struct {
	Source    StepID // a Narrow
	Set       string // folder of the imports in it
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Std       StepID // NoStep when the standard library is compiled here too
	Platform  ocispecs.Platform
	Dir       string   // slash path of the module or workspace below the source
	Flags     []string // of go build, without those of the linker
	Env       []string // KEY=value, sorted
	Profile   string   // slash path below the source of what go build's -pgo names, or ""
	Download  bool     // modules are required, and not vendored
	Compile   bool     // false: modules only, see spec.Cache.Deps
	// Private are the hosts to log in to, sorted by prefix; empty without Download.
	Private []PrivateHost
	Outside []Outside
}

// Compile makes one binary for one platform. It runs on the build platform, with
// the network off and the source read-only.
type Compile struct {
	Source    StepID // a Narrow
	Build     string // the ID of the build in it
	Toolchain StepID // a Prune or a CC
	Std       StepID // NoStep or a Std
	Deps      StepID
	Binary    string
	Platform  ocispecs.Platform // what it is for, without a variant that shares it
	Dir       string            // slash path of the module or workspace below the source
	Package   string            // ./cmd/shop, relative to Dir
	Flags     []string          // of go build, without -o and the package
	Env       []string          // KEY=value, sorted
	// Output is the file name of the result: shop, shop.exe. When it is "" nothing is
	// linked, and the result is the build cache entries of the own packages.
	Output  string
	Outside []Outside
	Pos     diag.Pos
}

// Link links a binary whose flags carry a stamp, from packages that are compiled already.
type Link struct {
	Compile        // with the Output and the linker's flags
	Objects StepID // a Compile without Output
}

// Tool is a program from a module of its own, compiled for a platform.
type Tool struct {
	Package  string // github.com/go-delve/delve/cmd/dlv
	Version  string // v1.26.0
	Platform ocispecs.Platform
	Env      []string // KEY=value, sorted
	Output   string   // file name of the result
	Private  []PrivateHost
}

// Setcap gives one file its capabilities. The result holds the file alone, under its base name.
type Setcap struct {
	From         StepID
	Src          string // slash path in the result of From
	Capabilities string // as setcap takes them: cap_net_bind_service=+ep
	Pos          diag.Pos
}

// Test runs go vet or go test on the build platform, with the whole context as source. The
// result is what the command printed, as output.txt.
type Test struct {
	Source    StepID // a Context
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Std       StepID // NoStep or a Std
	Deps      StepID
	Name      string     // of the target: test or vet
	Dir       string     // slash path of the module or workspace below the source
	Commands  [][]string // each go, its verb, flags and packages; none runs after one that failed
	Env       []string   // KEY=value, sorted
	Network   bool
	Pos       diag.Pos
	Outside   []Outside
}

// Dist is one tree of the binaries of all platforms, or of archives of them, and SHA256SUMS.
type Dist struct {
	Binaries []DistBinary
	Files    StepID   // a Context
	Paths    []string // slash paths in Files that each archive holds
}

// DistBinary is a binary in a Dist.
type DistBinary struct {
	From    StepID // a Compile or a Link
	Src     string // name of the file in From
	Name    string // of the file in the tree, or in the archive
	Archive string // name of the archive, which ends in .tar.gz or .zip; "" for none
}

// Summary is a text about dependencies, which are in the builder's caches then.
type Summary struct {
	Deps []StepID // each a Deps
}

// NoStep stands where a step refers to none.
const NoStep StepID = -1

// Layer is one copy onto scratch, or a symbolic link, with explicit owner, mode and time.
type Layer struct {
	From StepID // what is copied from; NoStep for a link
	Src  string // slash path in the result of From; a directory stands for its content
	// Wildcard says that Src is a pattern, as path.Match takes it.
	Wildcard bool
	Link     string // what the link at Dest points at; "" for a copy
	Dest     string // absolute path in the image; ends in / to name the directory for a file
	// Mode is a symbolic mode as chmod(1) takes, which suits directories too. "" is Perm.
	Mode string
	// Perm are permission bits, for a single file and for builders that know no
	// symbols. 0 keeps what the file has.
	Perm uint32
	UID  int
	GID  int
	Name string // what it holds, for people and for the image history
	Pos  diag.Pos
}

func (Context) step() {}
func (Narrow) step()  {}
func (Prune) step()   {}
func (Std) step()     {}
func (Deps) step()    {}
func (Compile) step() {}
func (Link) step()    {}
func (Layer) step()   {}
func (Image) step()   {}
func (Named) step()   {}
func (HTTP) step()    {}
func (System) step()  {}
func (Tool) step()    {}
func (Setcap) step()  {}
func (Test) step()    {}
func (Dist) step()    {}
func (Summary) step() {}

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
