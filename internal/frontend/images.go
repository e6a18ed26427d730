package frontend

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerui"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"
)

// lookUp finds the digest and config of every image that the plan uses. It is the only
// place that asks a registry.
func (f *frontend) lookUp(ctx context.Context, p *plan.Plan) (map[llb.ImageKey]llb.Image, error) {
	var mu sync.Mutex
	found := map[llb.ImageKey]llb.Image{}
	asked := map[llb.ImageKey]bool{}
	eg, ctx := errgroup.WithContext(ctx)
	for _, use := range p.Images() {
		key := llb.Key(use)
		if asked[key] {
			continue
		}
		asked[key] = true
		eg.Go(func() error {
			img, err := f.lookUpOne(ctx, use)
			if err != nil {
				return &diag.Error{Pos: f.at(use.Pos), Rule: "image-not-found",
					Msg: fmt.Sprintf("cannot get image %s for %s: %v", use.Ref, platforms.Format(use.Platform), err)}
			}
			if err := checkImage(use, img.Config); err != nil {
				return &diag.Error{Pos: f.at(use.Pos), Rule: "image-platform", Msg: err.Error()}
			}
			mu.Lock()
			defer mu.Unlock()
			found[key] = img
			return nil
		})
	}
	if err := eg.Wait(); err != nil {
		return nil, err
	}
	toolchain := found[llb.Key(p.Images()[0])]
	return found, f.checkToolchain(p.Toolchain, toolchain.Config)
}

// at is pos, or the spec file where the spec says nothing.
func (f *frontend) at(pos diag.Pos) diag.Pos {
	if !pos.IsValid() {
		pos.File = f.src.Filename
	}
	return pos
}

// lookUpOne takes a named context of the client first, as a Dockerfile's FROM does.
func (f *frontend) lookUpOne(ctx context.Context, use plan.ImageUse) (llb.Image, error) {
	nc, err := f.NamedContext(use.Ref, dockerui.ContextOpt{Platform: &use.Platform, ResolveMode: f.ImageResolveMode.String()})
	if err != nil {
		return llb.Image{}, err
	}
	if nc != nil {
		st, cfg, err := nc.Load(ctx)
		if err != nil {
			return llb.Image{}, err
		}
		if cfg == nil {
			cfg = &dockerspec.DockerOCIImage{}
			cfg.Platform = use.Platform
		}
		return llb.Image{State: *st, Config: *cfg}, nil
	}
	return f.resolve(ctx, use, "[internal] load metadata for "+use.Ref)
}

// resolve asks a registry, in a vertex of that name.
func (f *frontend) resolve(ctx context.Context, use plan.ImageUse, vertex string) (llb.Image, error) {
	named, err := reference.ParseNormalizedNamed(use.Ref)
	if err != nil {
		return llb.Image{}, err
	}
	ref, dgst, data, err := f.gw.ResolveImageConfig(ctx, reference.TagNameOnly(named).String(), sourceresolver.Opt{
		LogName:  vertex,
		ImageOpt: &sourceresolver.ResolveImageOpt{Platform: &use.Platform, ResolveMode: f.ImageResolveMode.String()},
	})
	if err != nil {
		return llb.Image{}, err
	}
	var cfg dockerspec.DockerOCIImage
	if err := json.Unmarshal(data, &cfg); err != nil {
		return llb.Image{}, fmt.Errorf("image config: %w", err)
	}
	if dgst != "" {
		if named, err = reference.ParseNormalizedNamed(ref); err != nil {
			return llb.Image{}, err
		}
		pinned, err := reference.WithDigest(named, dgst)
		if err != nil {
			return llb.Image{}, err
		}
		ref = pinned.String()
	}
	st, err := bk.Image(ref, bk.Platform(use.Platform), f.ImageResolveMode).WithImageConfig(data)
	return llb.Image{State: st, Ref: ref, Config: cfg}, err
}

// checkImage refuses an image that is not of the platform asked for, which registries
// give where an image has one platform only.
func checkImage(use plan.ImageUse, cfg dockerspec.DockerOCIImage) error {
	if cfg.OS == use.Platform.OS && cfg.Architecture == use.Platform.Architecture {
		return nil
	}
	return fmt.Errorf("image %s is for %s only, not for %s", use.Ref, platforms.Format(cfg.Platform), platforms.Format(use.Platform))
}

// checkToolchain compares the Go that the image says it has with what the source needs,
// before anything runs. An image that does not say is judged by its go command.
func (f *frontend) checkToolchain(t plan.Toolchain, cfg dockerspec.DockerOCIImage) error {
	if has := goVersion(cfg); has != "" && plan.OlderGo(has, t.Go) {
		return &diag.Error{Pos: f.at(t.Pos), Rule: "old-toolchain",
			Msg: fmt.Sprintf("image %s has Go %s, but %s requires Go %s", t.Image, has, t.GoFile, t.Go)}
	}
	return nil
}

// goVersion is the Go that an image says it has, as 1.N.P, or "".
func goVersion(cfg dockerspec.DockerOCIImage) string {
	for _, kv := range cfg.Config.Env {
		if version, ok := strings.CutPrefix(kv, "GOLANG_VERSION="); ok {
			return version
		}
	}
	return ""
}
