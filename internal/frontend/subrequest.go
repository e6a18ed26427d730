package frontend

import (
	"context"
	"fmt"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests/lint"
)

// subrequest answers a client that asks about the spec instead of building it. What is
// not known must not be called unsupported: clients then ask docker/dockerfile.
func (f *frontend) subrequest(ctx context.Context) (*client.Result, bool, error) {
	id, ok := f.BuildOpts().Opts["requestid"]
	if !ok {
		return nil, false, nil
	}
	res, ok, err := f.HandleSubrequest(ctx, dockerui.RequestHandler{
		AllowOther: true,
		Lint: func(context.Context) (*lint.LintResults, error) {
			return &lint.LintResults{}, nil // a spec with mistakes did not get this far
		},
	})
	if !ok && err == nil {
		err = fmt.Errorf("xbuild does not answer %s", id)
	}
	return res, ok, err
}
