// Package frontend is the path inside BuildKit: from the client's request and the
// spec to a result with one image or tree for each platform.
package frontend

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Build is BuildKit's entry into xbuild, a client.BuildFunc.
func Build(ctx context.Context, c client.Client) (*client.Result, error) {
	if err := llb.CheckBuilder(c.BuildOpts().LLBCaps); err != nil {
		return nil, err
	}
	bc, err := dockerui.NewClient(c)
	if err != nil {
		return nil, err
	}
	src, err := bc.ReadEntrypoint(ctx, "YAML")
	if err != nil {
		return nil, err
	}
	f := &frontend{Client: bc, gw: c, src: src}
	res, err := f.build(ctx)
	return res, located(err, src.SourceMap)
}

type frontend struct {
	*dockerui.Client
	gw      client.Client
	src     *dockerui.Source
	imports []client.CacheOptionsEntry // of every solve
}

func (f *frontend) build(ctx context.Context) (*client.Result, error) {
	s, err := spec.Parse(f.src.Filename, f.src.Data)
	if err != nil {
		return nil, err
	}
	tool, err := f.tool(ctx)
	if err != nil {
		return nil, err
	}
	req := f.request(s)
	f.imports = f.cacheImports(s, cmp.Or(req.Target, s.Default))
	missing := f.missingSecrets(ctx, plan.PrivateHosts(s))
	if missing != nil && !f.vendors(ctx) {
		return nil, missing
	}
	facts, err := f.scan(ctx, s, req, *tool)
	if err != nil {
		return nil, err
	}
	if res, ok, err := f.subrequest(ctx, s, facts, req, *tool); ok || err != nil {
		return res, err
	}
	p, err := plan.New(s, facts, req)
	if err != nil {
		return nil, err
	}
	f.imports = f.cacheImports(s, p.Target)
	if len(p.Private()) > 0 && missing != nil {
		return nil, missing
	}
	seeds := make(chan map[llb.ImageKey]llb.Image, 1)
	go func() { seeds <- f.seeds(ctx, p) }()
	images, err := f.lookUp(ctx, p)
	if err != nil {
		return nil, err
	}
	b, err := llb.Emit(p, f.emitOptions(ctx, images, *tool, p.BuildPlatform))
	if err != nil {
		return nil, err
	}
	f.warn(ctx, append(p.Warnings, b.Warnings...))
	if err := f.seed(ctx, p, b, images[llb.Key(p.Images()[0])], <-seeds); err != nil {
		return nil, err
	}
	return f.solve(ctx, p, b)
}

// request is what the client asked for, in the plan's terms.
func (f *frontend) request(s *spec.Spec) plan.Request {
	list := f.TargetPlatforms
	if f.BuildOpts().Opts["requestid"] == dockerfileCall && len(list) == 0 {
		list = plan.Supported(s) // it is for no builder
	}
	return plan.Request{
		Target:        f.Target,
		Platforms:     list,
		BuildPlatform: platforms.Normalize(f.BuildPlatforms[0]),
		Epoch:         f.BuildArgs["SOURCE_DATE_EPOCH"],
		Labels:        f.Labels,
		Args:          f.BuildArgs,
		Version:       f.BuildArgs["VERSION"],
		Revision:      f.BuildOpts().Opts["vcs:revision"],
		Source:        f.BuildOpts().Opts["vcs:source"],
	}
}

// cacheImports are the client's and then the spec's own, for a target: the reference that gen bake
// exports it to, and the plain one. A client that imports from there itself, as a bake file does, knows
// which there are. The daemon applies imports to no solve by itself.
func (f *frontend) cacheImports(s *spec.Spec, target string) []client.CacheOptionsEntry {
	imports := slices.Clone(f.CacheImports)
	ref := s.Cache.Registry
	ofSpec := func(i client.CacheOptionsEntry) bool {
		return i.Type == "registry" && strings.HasPrefix(i.Attrs["ref"], ref)
	}
	if ref == "" || slices.ContainsFunc(imports, ofSpec) {
		return imports
	}
	refs := []string{ref}
	if target != "" {
		refs = []string{spec.CacheRef(ref, target), ref}
	}
	for _, ref := range refs {
		imports = append(imports, client.CacheOptionsEntry{Type: "registry", Attrs: map[string]string{"ref": ref}})
	}
	return imports
}

// scan runs the scan step and reads its facts back.
func (f *frontend) scan(ctx context.Context, s *spec.Spec, req plan.Request, tool bk.State) (*scan.Facts, error) {
	source, err := f.context(ctx, "scan")(plan.ScanFiles())
	if err != nil {
		return nil, err
	}
	return f.facts(ctx, plan.ScanRequest(s, req), source, tool, req.BuildPlatform)
}

// facts are those of the source.
func (f *frontend) facts(ctx context.Context, req scan.Request, source, tool bk.State, buildPlatform ocispecs.Platform) (*scan.Facts, error) {
	request, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	st := llb.Scan(request, source, tool, buildPlatform)
	def, err := st.Marshal(ctx, bk.Platform(buildPlatform), bk.WithCaps(f.BuildOpts().LLBCaps))
	if err != nil {
		return nil, err
	}
	ref, err := f.solveDefinition(ctx, def)
	if err != nil {
		return nil, err
	}
	data, err := dockerui.ReadFile(ctx, ref, gostep.FactsFile)
	if err != nil {
		return nil, err
	}
	facts := &scan.Facts{}
	return facts, json.Unmarshal(data, facts)
}

// tool gives the state that holds gostep: the image that this process runs from, else
// the named context gostep.
func (f *frontend) tool(ctx context.Context) (*bk.State, error) {
	if c, ok := f.gw.(interface{ CurrentFrontend() (*bk.State, error) }); ok {
		if st, err := c.CurrentFrontend(); err != nil || st != nil {
			return st, err
		}
	}
	nc, err := f.NamedContext("gostep", dockerui.ContextOpt{NoDockerignore: true})
	if err != nil {
		return nil, err
	}
	if nc == nil {
		return nil, fmt.Errorf("xbuild runs outside its image here: give the gostep and system of its image with --build-context gostep=DIR")
	}
	st, _, err := nc.Load(ctx)
	return st, err
}

// context gives the main context narrowed to patterns. The purpose keeps differently
// narrowed transfers of one folder apart on the daemon. What the user's .dockerignore
// says comes last, so it wins.
func (f *frontend) context(ctx context.Context, purpose string) func(include, exclude []string) (bk.State, error) {
	return func(include, exclude []string) (bk.State, error) {
		ignore, err := f.DockerIgnorePatterns(ctx)
		if err != nil {
			return bk.State{}, err
		}
		st, err := f.MainContext(ctx,
			bk.IncludePatterns(include),
			bk.ExcludePatterns(append(exclude[:len(exclude):len(exclude)], ignore...)),
			bk.SharedKeyHint("xbuild-"+purpose),
			dockerui.WithInternalName("load build context to "+purpose))
		if err != nil {
			return bk.State{}, err
		}
		return *st, nil
	}
}

// named gives the contexts that the client names besides the main one. Of a directory that is the client's, go build's
// files alone are sent, for which it is scanned first.
func (f *frontend) named(ctx context.Context, tool bk.State, buildPlatform ocispecs.Platform) func(name string) (bk.State, bool, error) {
	return func(name string) (bk.State, bool, error) {
		include, exclude := plan.ScanFiles()
		source, ok, err := f.load(ctx, name, narrowed{"scan", include, exclude})
		if err != nil || !ok {
			return source, ok, err
		}
		facts, err := f.facts(ctx, scan.Request{}, source, tool, buildPlatform)
		if err != nil {
			return bk.State{}, false, err
		}
		include, exclude = plan.OutsideFiles(facts)
		return f.load(ctx, name, narrowed{"build", include, exclude})
	}
}

// load gives a context that the client names, if it does. A directory of the client's is narrowed.
func (f *frontend) load(ctx context.Context, name string, n narrowed) (bk.State, bool, error) {
	nc, err := f.NamedContext(name, dockerui.ContextOpt{AsyncLocalOpts: func() []bk.LocalOption { return []bk.LocalOption{n} }})
	if err != nil || nc == nil {
		return bk.State{}, false, err
	}
	st, _, err := nc.Load(ctx)
	if err != nil {
		return bk.State{}, false, err
	}
	return *st, true, nil
}

// narrowed is a transfer of a part of a directory. What its .dockerignore says comes last, as in the main context.
type narrowed struct {
	purpose          string
	include, exclude []string
}

// SetLocalOption is for bk.LocalOption.
func (n narrowed) SetLocalOption(li *bk.LocalInfo) {
	var ignore []string
	if li.ExcludePatterns != "" && json.Unmarshal([]byte(li.ExcludePatterns), &ignore) != nil {
		return // then all of it is sent that is not ignored
	}
	bk.IncludePatterns(n.include).SetLocalOption(li)
	bk.ExcludePatterns(slices.Concat(n.exclude, ignore)).SetLocalOption(li)
	bk.SharedKeyHint(li.SharedKeyHint + "-xbuild-" + n.purpose).SetLocalOption(li)
}

func (f *frontend) emitOptions(ctx context.Context, images map[llb.ImageKey]llb.Image, tool bk.State, buildPlatform ocispecs.Platform) llb.Options {
	caps := f.BuildOpts().LLBCaps
	o := llb.Options{
		Context:        f.context(ctx, "build"),
		Named:          f.named(ctx, tool, buildPlatform),
		Tool:           tool,
		Images:         images,
		CacheNamespace: f.CacheIDNamespace,
		SourceMap:      f.src.SourceMap,
		Proxy:          proxyEnv(f.BuildArgs),
		Caps:           &caps,
		Network:        f.NetworkMode,
		IgnoreCache:    f.IsNoCache,
	}
	for _, h := range f.ExtraHosts {
		o.Run = append(o.Run, bk.AddExtraHost(h.Host, h.IP))
	}
	for _, u := range f.Ulimits {
		o.Run = append(o.Run, bk.AddUlimit(bk.UlimitName(u.Name), u.Soft, u.Hard))
	}
	if f.CgroupParent != "" {
		o.Run = append(o.Run, bk.WithCgroupParent(f.CgroupParent))
	}
	if f.ShmSize > 0 {
		o.Run = append(o.Run, bk.AddMount("/dev/shm", bk.Scratch(), bk.Tmpfs(bk.TmpfsSize(f.ShmSize))))
	}
	if f.Hostname != "" {
		o.Run = append(o.Run, bk.With(bk.Hostname(f.Hostname)))
	}
	return o
}

// solve builds every target and makes the client's result of them.
func (f *frontend) solve(ctx context.Context, p *plan.Plan, b *llb.Build) (*client.Result, error) {
	if p.Whole {
		ref, err := f.solveTarget(ctx, b, b.Targets[0])
		if err != nil {
			return nil, err
		}
		res := client.NewResult()
		res.SetRef(ref)
		return res, nil
	}
	rb, err := f.Build(ctx, func(ctx context.Context, _ *ocispecs.Platform, i int) (*dockerui.BuildResult, error) {
		t := b.Targets[i]
		ref, err := f.solveTarget(ctx, b, t)
		if err != nil {
			return nil, err
		}
		return &dockerui.BuildResult{Reference: ref, Image: &t.Image, BaseImage: t.Base}, nil
	})
	if err != nil {
		return nil, err
	}
	for _, t := range p.Targets {
		platform := &t.Platform
		if !f.MultiPlatformRequested {
			platform = nil
		}
		annotate(rb.AddMeta, platform, t.Annotations)
	}
	return rb.Finalize()
}

// annotate gives the exporter the annotations of an image, whose platform is nil when it
// is the only one.
func annotate(add func(string, []byte), platform *ocispecs.Platform, a plan.Annotations) {
	for k, v := range a.Manifest {
		add(exptypes.AnnotationManifestKey(platform, k), []byte(v))
	}
	for k, v := range a.ManifestDescriptor {
		add(exptypes.AnnotationManifestDescriptorKey(platform, k), []byte(v))
	}
	for k, v := range a.Index {
		add(exptypes.AnnotationIndexKey(k), []byte(v))
	}
	for k, v := range a.IndexDescriptor {
		add(exptypes.AnnotationIndexDescriptorKey(k), []byte(v))
	}
}

func (f *frontend) solveTarget(ctx context.Context, b *llb.Build, t llb.Target) (client.Reference, error) {
	def, err := b.Marshal(ctx, t.State)
	if err != nil {
		return nil, err
	}
	return f.solveDefinition(ctx, def)
}

func (f *frontend) solveDefinition(ctx context.Context, def *bk.Definition) (client.Reference, error) {
	res, err := f.gw.Solve(ctx, client.SolveRequest{Definition: def.ToPB(), CacheImports: f.imports})
	if err != nil {
		return nil, err
	}
	return res.SingleRef()
}
