package llb

import (
	"fmt"
	"path"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
)

// State is the result of a step of the plan.
func (b *Build) State(id plan.StepID) bk.State { return b.emitter.states[id] }

// IsNew gives a state that has the file gostep.NewFile if the builder has not built the like of a deps
// step lately, by the notes of earlier ones. It is asked again in each build, since the answer
// is in a cache mount: not by IgnoreCache, which would make the builder drop that. The
// toolchain is the version that the image says it has, as 1.N.P, or "".
func (b *Build) IsNew(d plan.Deps, toolchain string) bk.State {
	e := b.emitter
	args := []string{"isnew", "-store", storeDir, "-out", outDir, "-at", b.localID}
	if toolchain != "" {
		args = append(args, "-toolchain", "go"+toolchain)
	}
	args = append(append(args, "--", "go", "build"), d.Flags...)
	opts := []bk.RunOption{
		bk.Dir(inDir),
		e.cacheMount(storeDir, buildCache),
		bk.AddMount(inDir, e.states[d.Source], bk.SourcePath("/"+d.Set), bk.Readonly),
	}
	for _, kv := range d.Env {
		opts = append(opts, setEnv(kv))
	}
	return onScratch(e.opt.Tool, e.plan.BuildPlatform, args, b.seedName(d, "look for an earlier build"), opts...)
}

// Seed gives a state that has nothing: to make it, the builder's own build cache is filled from
// a folder of an image of the target deps or own. It is to be made before the steps that take from there are, in a solve of its own, so
// that it is in no key of theirs. The state of the build cache is what gostep.NewFile or gostep.NarrowedFile said: with
// another one a seed that was used before is used again.
func (b *Build) Seed(d plan.Deps, image bk.State, folder, state string) bk.State {
	e := b.emitter
	args := []string{"seed", "-store", storeDir, "-state", state, path.Join(inDir, folder)}
	what := "fill the build cache"
	if folder == d.OwnFolder() {
		what += " with own packages"
	}
	return onScratch(e.opt.Tool, e.plan.BuildPlatform, args, b.seedName(d, what),
		e.cacheMount(storeDir, buildCache), byDefinition(inDir, image))
}

func (b *Build) seedName(d plan.Deps, what string) []bk.ConstraintsOpt {
	return b.emitter.named(diag.Pos{}, fmt.Sprintf("[seed %s] %s", platforms.Format(d.Platform), what))
}
