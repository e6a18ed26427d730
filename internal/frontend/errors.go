package frontend

import (
	"context"
	"errors"
	"fmt"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/llb"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/errdefs"
	"github.com/moby/buildkit/solver/pb"
)

// Each place carries the whole file to the client, in the trailer of one message.
const (
	maxPlaces     = 8
	maxPlaceBytes = 256 << 10
)

// located adds to the first mistakes in err their places in the spec, which the client
// shows with the lines around them.
func located(err error, sm *bk.SourceMap) error {
	var list diag.List
	if one := (*diag.Error)(nil); errors.As(err, &one) {
		list = diag.List{one}
	} else if !errors.As(err, &list) {
		return err
	}
	info := &pb.SourceInfo{Data: sm.Data, Filename: sm.Filename, Language: sm.Language, Definition: sm.Definition.ToPB()}
	seen := map[int]bool{}
	for _, e := range list {
		if len(seen) == maxPlaces || (len(seen)+1)*len(sm.Data) > maxPlaceBytes {
			break
		}
		if e.Pos.IsValid() && !seen[e.Pos.Line] {
			seen[e.Pos.Line] = true
			err = errdefs.WithSource(err, &errdefs.Source{Info: info, Ranges: []*pb.Range{llb.Range(e.Pos)}})
		}
	}
	return err
}

// warn shows the client what does not stop the build.
func (f *frontend) warn(ctx context.Context, warnings diag.List) {
	for _, w := range warnings {
		opts := client.WarnOpts{Level: 1}
		if w.Pos.IsValid() {
			opts.Range = []*pb.Range{llb.Range(w.Pos)}
		}
		f.src.Warn(ctx, fmt.Sprintf("%s [%s]", w.Msg, w.Rule), opts)
	}
}
