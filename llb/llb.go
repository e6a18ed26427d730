// Package llb turns a plan into BuildKit's LLB: one state and one image config for
// each target. It is the only emitter that knows BuildKit. Look-ups are done before,
// by the caller, and handed over in [Options].
package llb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/identity"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	"github.com/moby/buildkit/util/system"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Options are what the plan does not say: where things come from on this daemon.
type Options struct {
	// Context gives the build context narrowed to the patterns, which are those of
	// .dockerignore; empty include patterns mean all of it. A context that cannot
	// be narrowed is given whole: every use of it filters again. Nil: the client's
	// local directory "context".
	Context func(include, exclude []string) (bk.State, error)
	// Named gives the context that a client names besides the main one, and false where it
	// names none so. Nil: there is none.
	Named func(name string) (bk.State, bool, error)
	// LocalID tells that local directory from those of other clients of the daemon. "" is
	// a new id, the same in all targets of one Emit.
	LocalID string
	// Tool is a state that holds the step program, cmd/gostep built for the build
	// platform, as /gostep, and cmd/system as /system. Required.
	Tool bk.State
	// Images has the look-up of every plan.ImageUse. A reference without one is used as
	// it is, with no config; a toolchain then has its go command where golang images do.
	Images map[ImageKey]Image
	// CacheNamespace goes before the ids of cache mounts (BUILDKIT_CACHE_MOUNT_NS).
	CacheNamespace string
	// SourceMap makes failing steps point at the spec. Nil: they don't.
	SourceMap *bk.SourceMap
	// Caps are the daemon's capabilities. Nil: all of this BuildKit release.
	Caps *apicaps.CapSet
	// Run is added to every step that executes something: extra hosts, ulimits.
	Run []bk.RunOption
	// Proxy is what steps that download take as HTTPS_PROXY and the like. It is in no cache
	// key. Nil: none.
	Proxy *bk.ProxyEnv
	// Network is that of the steps which download, unless the client chose another one for
	// all steps: the others have none.
	Network pb.NetMode
	// IgnoreCache says which steps run again (--no-cache, --no-cache-filter), by the first
	// word of their names: shop, deps, std, toolchain, source, files, test. Nil: none.
	IgnoreCache func(stage string) bool
}

// ImageKey names an image look-up.
type ImageKey struct {
	Ref      string
	Platform string // as platforms.FormatAll of the normalized platform
}

// Key is what the look-up of u is found under.
func Key(u plan.ImageUse) ImageKey {
	return ImageKey{Ref: u.Ref, Platform: platforms.FormatAll(platforms.Normalize(u.Platform))}
}

// Image is an image that was looked up.
type Image struct {
	State  bk.State // pinned by digest, with its config applied
	Ref    string   // of State; "" for what is no image of a registry
	Config dockerspec.DockerOCIImage
}

// Target is the result for one platform.
type Target struct {
	Name     string
	Platform ocispecs.Platform
	State    bk.State
	Image    dockerspec.DockerOCIImage
	Base     *dockerspec.DockerOCIImage // nil on scratch
}

// Build is every target of a plan, in the plan's order. States of different targets
// share their common steps.
type Build struct {
	Targets []Target
	// Warnings say what an older daemon costs; never more than one.
	Warnings diag.List

	emitter  *emitter
	platform ocispecs.Platform
	localID  string
	caps     apicaps.CapSet
}

// Emit gives the LLB of every target. It fails with a plan that it does not know how
// to say, and on a daemon older than v0.13.
func Emit(p *plan.Plan, o Options) (*Build, error) {
	e := &emitter{plan: p, opt: o, states: make([]bk.State, len(p.Steps))}
	if o.Caps != nil {
		if err := CheckBuilder(*o.Caps); err != nil {
			return nil, err
		}
		e.lost = missing(*o.Caps)
	}
	if o.Tool.Output() == nil {
		return nil, errors.New("llb: Options.Tool is not set")
	}
	e.src = path.Join(srcDir, p.Root())
	use := plan.ImageUse{Ref: p.Toolchain.Image, Platform: p.BuildPlatform}
	e.toolchain, _ = e.image(use)
	if _, ok := o.Images[Key(use)]; !ok {
		e.toolchain = e.toolchain.AddEnv("PATH", "/usr/local/go/bin:"+system.DefaultPathEnvUnix)
	}
	for i, s := range p.Steps {
		st, err := e.step(s)
		if err != nil {
			return nil, err
		}
		e.states[i] = st
	}
	b := &Build{
		Warnings: e.warnings(),
		emitter:  e,
		platform: p.BuildPlatform,
		// Without a session of its own, a local source is told from another client's by this id.
		localID: cmp.Or(o.LocalID, identity.NewID()),
		caps:    pb.Caps.CapSet(pb.Caps.All()),
	}
	if o.Caps != nil {
		b.caps = *o.Caps
	}
	for _, t := range p.Targets {
		b.Targets = append(b.Targets, e.target(t))
	}
	return b, nil
}

// Marshal gives the definition of a state made of b's targets, in which every operation
// carries the build platform unless it says otherwise. It refuses a definition in which
// a step would be executed on another platform, that is, emulated.
func (b *Build) Marshal(ctx context.Context, st bk.State) (*bk.Definition, error) {
	def, err := st.Marshal(ctx, bk.Platform(b.platform), bk.LocalUniqueID(b.localID), bk.WithCaps(b.caps))
	if err != nil {
		return nil, err
	}
	for dgst, md := range def.Metadata {
		if md.Caps[pb.CapFileCopyModeStringFormat] { // which the gateway would refuse, see missing
			md.Caps = maps.Clone(md.Caps) // states of several targets share it
			delete(md.Caps, pb.CapFileCopyModeStringFormat)
			def.Metadata[dgst] = md
		}
	}
	return def, b.checkNative(def)
}

// checkNative fails when an operation that executes something has a platform other than
// the build platform.
func (b *Build) checkNative(def *bk.Definition) error {
	for _, data := range def.Def {
		op := &pb.Op{}
		if err := op.Unmarshal(data); err != nil {
			return err
		}
		if e := op.GetExec(); e != nil && !platforms.OnlyStrict(b.platform).Match(op.Platform.Spec()) {
			return fmt.Errorf("step %q would run on %s, emulated on the builder's %s",
				strings.Join(e.Meta.Args, " "), platforms.FormatAll(op.Platform.Spec()), platforms.FormatAll(b.platform))
		}
	}
	return nil
}

type emitter struct {
	plan      *plan.Plan
	opt       Options
	lost      lost
	toolchain bk.State
	src       string     // where the build context is inside of steps, whole or narrowed
	states    []bk.State // by plan.StepID
}

func (e *emitter) step(s plan.Step) (bk.State, error) {
	switch s := s.(type) {
	case plan.Context:
		return e.context(s)
	case plan.Narrow:
		return e.narrow(s)
	case plan.Prune:
		return e.prune(), nil
	case plan.Std:
		return e.std(s), nil
	case plan.Deps:
		return e.deps(s), nil
	case plan.CC:
		return e.cc(s)
	case plan.Compile:
		return e.compile(s, plan.NoStep, e.plan.NameOf(s)), nil
	case plan.Link:
		return e.compile(s.Compile, s.Objects, e.plan.NameOf(s)), nil
	case plan.Own:
		return e.own(s), nil
	case plan.Named:
		return e.namedContext(s)
	case plan.Image:
		st, _ := e.image(plan.ImageUse(s))
		return st, nil
	case plan.HTTP:
		return e.http(s)
	case plan.System:
		return e.system(s), nil
	case plan.Tool:
		return e.tool(s), nil
	case plan.Setcap:
		return e.setcap(s), nil
	case plan.Test:
		return e.test(s)
	case plan.Dist:
		return e.dist(s)
	case plan.Summary:
		return e.summary(s), nil
	case plan.Layer:
		if s.Same {
			return e.states[s.From], nil
		}
		return bk.Scratch().File(e.action(s), e.named(s.Pos, e.plan.NameOf(s))...), nil
	default:
		return bk.State{}, fmt.Errorf("no LLB for step %T", s) // plan grew a step, this switch did not
	}
}

func (e *emitter) context(s plan.Context) (bk.State, error) {
	if e.opt.Context == nil {
		return bk.Local("context", bk.IncludePatterns(s.Include), bk.ExcludePatterns(s.Exclude), bk.SharedKeyHint("context")), nil
	}
	return e.opt.Context(s.Include, s.Exclude)
}

// action is the one file operation of a layer.
func (e *emitter) action(s plan.Layer) *bk.FileAction {
	created := e.epoch()
	owner := &bk.ChownOpt{User: &bk.UserOpt{UID: s.UID}, Group: &bk.UserOpt{UID: s.GID}}
	if s.Link != "" {
		return bk.Mkdir(path.Dir(s.Dest), 0o755, bk.WithParents(true), bk.WithCreatedTime(created)).
			Symlink(s.Link, s.Dest, owner, bk.WithCreatedTime(created))
	}
	src := path.Join("/", s.Src)
	return bk.Copy(e.states[s.From], src, s.Dest, &bk.CopyInfo{
		CopyDirContentsOnly: true,
		CreateDestPath:      true,
		AllowWildcard:       s.Wildcard,
		Mode:                e.mode(s.Mode, s.Perm),
		ChownOpt:            owner,
		CreatedTime:         &created,
	})
}

// target stacks the layers of one platform on its base. Merged layers keep their
// bytes whatever lies below them; chained ones are made again for every base.
func (e *emitter) target(t plan.Target) Target {
	out := Target{Name: t.Name, Platform: t.Platform}
	base, cfg := e.base(t)
	if cfg != nil {
		out.Base = cfg
	}
	name := fmt.Sprintf("[%s %s] ", t.Name, platforms.Format(t.Platform))
	if e.lost.merge {
		out.State = base
		for _, id := range t.Layers {
			l := e.plan.Steps[id].(plan.Layer)
			out.State = out.State.File(e.action(l), e.named(l.Pos, name+"copy "+l.Name)...)
		}
	} else {
		layers := []bk.State{base}
		for _, id := range t.Layers {
			layers = append(layers, e.states[id])
		}
		out.State = bk.Merge(layers, e.named(diag.Pos{}, name+"image")...)
	}
	out.Image = e.config(t, cfg)
	return out
}

// base gives the state below the layers, and its config, nil for scratch.
func (e *emitter) base(t plan.Target) (bk.State, *dockerspec.DockerOCIImage) {
	if t.Base == "" {
		return bk.Scratch(), nil
	}
	st, cfg := e.image(plan.ImageUse{Ref: t.Base, Platform: t.Platform, Pos: t.BasePos})
	return st, &cfg
}

// image gives the image that was looked up for u.
func (e *emitter) image(u plan.ImageUse) (bk.State, dockerspec.DockerOCIImage) {
	if img, ok := e.opt.Images[Key(u)]; ok {
		return img.State, img.Config
	}
	cfg := dockerspec.DockerOCIImage{}
	cfg.Platform = u.Platform
	return bk.Image(u.Ref, bk.Platform(u.Platform)), cfg
}

// named gives a step its name, its place in the spec and whether it may be cached.
func (e *emitter) named(pos diag.Pos, name string) []bk.ConstraintsOpt {
	opts := []bk.ConstraintsOpt{bk.WithCustomName(name)}
	if e.opt.SourceMap != nil && pos.IsValid() {
		opts = append(opts, e.opt.SourceMap.Location([]*pb.Range{Range(pos)}))
	}
	if e.opt.IgnoreCache != nil && e.opt.IgnoreCache(stage(name)) {
		opts = append(opts, bk.IgnoreCache)
	}
	return opts
}

// stage is the first word of a step's name: shop in [shop linux/amd64] compile.
func stage(name string) string {
	inside, _, _ := strings.Cut(strings.TrimPrefix(name, "["), "]")
	first, _, _ := strings.Cut(inside, " ")
	return first
}

// Range is the line of pos in BuildKit's terms: lines count from 1, characters from 0.
func Range(pos diag.Pos) *pb.Range {
	at := &pb.Position{Line: int32(pos.Line), Character: int32(max(0, pos.Col-1))}
	return &pb.Range{Start: at, End: &pb.Position{Line: at.Line, Character: at.Character}}
}
