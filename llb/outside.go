package llb

import (
	"path"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
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

// sourceDir is deep enough for what the plan has above the source.
func sourceDir(p *plan.Plan) string { return path.Join(srcDir, strings.Repeat("_/", p.Above())) }

// outside mounts directories where the source, which is at src, names them.
func (e *emitter) outside(dirs []plan.Outside, src string) (opts []bk.RunOption) {
	for _, o := range dirs {
		opts = append(opts, bk.AddMount(path.Join(src, o.Dir), e.states[o.From], bk.Readonly))
	}
	return opts
}
