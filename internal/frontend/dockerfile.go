package frontend

import (
	"context"
	"encoding/json"
	"io/fs"
	"path"

	"github.com/acme/xbuild/internal/dockerfile"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil"
)

const dockerfileCall = "frontend.xbuild.dockerfile"

// dockerfile answers with the plain Dockerfile that gen dockerfile writes, for the platforms of
// the request.
func (f *frontend) dockerfile(ctx context.Context, s *spec.Spec, facts *scan.Facts, req plan.Request, tool bk.State) (*client.Result, error) {
	in := dockerfile.Input{Spec: path.Base(f.src.Filename), Default: dockerfile.Default(s, facts, req)}
	var err error
	if in.Plans, in.Vars, err = dockerfile.Plans(s, f.src.Data, facts, req); err != nil {
		return nil, err
	}
	if in.Sets, err = f.sets(ctx, in.Plans, req, tool); err != nil {
		return nil, err
	}
	text, warnings, err := dockerfile.Emit(in)
	if err != nil {
		return nil, err
	}
	f.warn(ctx, warnings)
	data, err := json.Marshal(string(text))
	if err != nil {
		return nil, err
	}
	return callResult(string(text), data), nil
}

// sets says what the binaries of plans import from elsewhere: a step that narrows the source.
func (f *frontend) sets(ctx context.Context, plans []*plan.Plan, req plan.Request, tool bk.State) (map[string]dockerfile.Set, error) {
	builds := dockerfile.Builds(plans)
	source, err := f.context(ctx, "build")(nil, nil)
	if err != nil {
		return nil, err
	}
	st, err := llb.Narrow(builds, source, tool, req.BuildPlatform)
	if err != nil {
		return nil, err
	}
	def, err := st.Marshal(ctx, bk.Platform(req.BuildPlatform), bk.WithCaps(f.BuildOpts().LLBCaps))
	if err != nil {
		return nil, err
	}
	ref, err := f.solveDefinition(ctx, def)
	if err != nil {
		return nil, err
	}
	return dockerfile.ReadSets(refFS{ctx, ref}, builds)
}

// refFS reads what a solve gave, file by file; none may be larger than a message.
type refFS struct {
	ctx context.Context
	ref client.Reference
}

// Open is for fs.FS; ReadFile, ReadDir and Stat do the work.
func (r refFS) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}

func (r refFS) ReadFile(name string) ([]byte, error) {
	return r.ref.ReadFile(r.ctx, client.ReadRequest{Filename: name})
}

func (r refFS) ReadDir(name string) (out []fs.DirEntry, err error) {
	list, err := r.ref.ReadDir(r.ctx, client.ReadDirRequest{Path: name})
	for _, s := range list {
		out = append(out, &fsutil.DirEntryInfo{Stat: s})
	}
	return out, err
}

func (r refFS) Stat(name string) (fs.FileInfo, error) {
	s, err := r.ref.StatFile(r.ctx, client.StatRequest{Path: name})
	if err != nil {
		return nil, err
	}
	return &fsutil.StatInfo{Stat: s}, nil
}
