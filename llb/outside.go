package llb

import (
	"path"
	"slices"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	bk "github.com/moby/buildkit/client/llb"
)

// namedContext is a context that the client names besides the main one.
func (e *emitter) namedContext(s plan.Named) (bk.State, error) {
	if e.opt.Named != nil {
		if st, ok, err := e.opt.Named(s.Name); ok || err != nil {
			return st, err
		}
	}
	var missing diag.List
	missing.Add(s.Pos, "missing-context", "module %s is replaced by a directory outside of the build context: give it with --build-context %s=DIR", s.Name, s.Name)
	return bk.State{}, missing
}

// whole mounts the build context, and beside it the directories that its modules name there.
func (e *emitter) whole(context plan.StepID, outside []plan.Outside, opts ...bk.MountOption) []bk.RunOption {
	mounts := []bk.RunOption{bk.AddMount(e.src, e.states[context], opts...)}
	for _, o := range outside {
		mounts = append(mounts, bk.AddMount(path.Join(e.src, o.Dir), e.states[o.From], bk.Readonly))
	}
	return mounts
}

// rooted are builds as scan.Narrow takes them from a tree in which the build context is at root.
func rooted(builds []scan.Build, root string) []scan.Build {
	if root == "." {
		return builds
	}
	builds = slices.Clone(builds)
	for i := range builds {
		b := &builds[i]
		b.Root, b.Main, b.Module = root, path.Join(root, b.Main), path.Join(root, b.Module)
		if b.Profile != "" {
			b.Profile = path.Join(root, b.Profile)
		}
		tests := make([]string, len(b.Tests))
		for j, t := range b.Tests {
			tests[j] = path.Join(root, t)
		}
		b.Tests = tests
	}
	return builds
}
