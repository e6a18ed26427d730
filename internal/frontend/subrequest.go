package frontend

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/scan"
	"github.com/acme/xbuild/spec"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/moby/buildkit/solver/pb"
)

// subrequest answers a client that asks about the spec instead of building it. What is
// not known must not be called unsupported: clients then ask docker/dockerfile.
func (f *frontend) subrequest(ctx context.Context, s *spec.Spec, facts *scan.Facts, req plan.Request, tool bk.State) (*client.Result, bool, error) {
	id, ok := f.BuildOpts().Opts["requestid"]
	if !ok {
		return nil, false, nil
	}
	switch c := callNamed(id); {
	case c == nil:
	case c.name == dockerfileCall:
		res, err := f.dockerfile(ctx, s, facts, req, tool)
		return res, true, err
	case c.answer == nil:
		return schema(), true, nil
	default:
		p, err := plan.New(s, facts, req)
		if err != nil {
			return nil, true, err
		}
		text, data, err := c.answer(p)
		return callResult(text, data), true, err
	}
	res, ok, err := f.HandleSubrequest(ctx, dockerui.RequestHandler{
		AllowOther:  true,
		Lint:        func(context.Context) (*lint.LintResults, error) { return f.lint(s, facts, req) },
		ListTargets: func(context.Context) (*targets.List, error) { return f.targets(s, facts, req) },
		Outline:     func(context.Context) (*outline.Outline, error) { return f.outline(s, facts, req) },
	})
	switch {
	case err != nil:
		return nil, ok, err
	case !ok:
		return nil, false, unknownCall(id)
	case id == subrequests.RequestSubrequestsDescribe:
		res, err = describe(ctx, res)
	}
	return res, true, err
}

// lint gives the warnings of the request. Its mistakes fail it as they fail a build.
func (f *frontend) lint(s *spec.Spec, facts *scan.Facts, req plan.Request) (*lint.LintResults, error) {
	p, err := plan.New(s, facts, req)
	if err != nil {
		return nil, err
	}
	results := &lint.LintResults{}
	source := results.AddSource(f.src.SourceMap)
	for _, w := range p.Warnings {
		results.Warnings = append(results.Warnings, lint.Warning{RuleName: w.Rule, Detail: w.Msg, Location: location(w.Pos, source)})
	}
	return results, nil
}

func (f *frontend) targets(s *spec.Spec, facts *scan.Facts, req plan.Request) (*targets.List, error) {
	infos, err := plan.List(s, facts, req)
	if err != nil {
		return nil, err
	}
	list := &targets.List{Sources: [][]byte{f.src.Data}}
	for _, t := range infos {
		list.Targets = append(list.Targets, targets.Target{
			Name: t.Name, Description: t.Description, Base: t.Base, Default: t.Default, Location: location(t.Pos, 0),
		})
	}
	return list, nil
}

// outline lists the parameters of the request's target.
func (f *frontend) outline(s *spec.Spec, facts *scan.Facts, req plan.Request) (*outline.Outline, error) {
	p, err := plan.New(s, facts, req)
	if err != nil {
		return nil, err
	}
	o := &outline.Outline{
		Name:    p.Targets[0].Name,
		Sources: [][]byte{f.src.Data},
		Args:    f.args(s, req, p),
	}
	for _, h := range p.Private() {
		if h.SSH != "" {
			o.SSH = append(o.SSH, outline.SSH{Name: h.SSH, Required: true, Location: location(h.Pos, 0)})
			continue
		}
		o.Secrets = append(o.Secrets, outline.Secret{Name: secretID(h), Required: true, Location: location(h.Pos, 0)})
	}
	return o, nil
}

// args are the build args that mean something, with their values in this request.
func (f *frontend) args(s *spec.Spec, req plan.Request, p *plan.Plan) []outline.Arg {
	args := []outline.Arg{
		{Name: "SOURCE_DATE_EPOCH", Value: fmt.Sprint(p.Epoch), Description: "time of every file and of the image, in seconds since 1970"},
		{Name: "VERSION", Value: req.Version, Description: "what {{.Version}} stands for"},
	}
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		value, given := req.Args[name]
		if !given {
			value = s.Args[name]
		}
		args = append(args, outline.Arg{Name: name, Value: value, Location: location(s.KeyPos("args", name), 0)})
	}
	return args
}

// location is a place in the source of that index; without a place its index is -1.
func location(pos diag.Pos, source int) *pb.Location {
	if !pos.IsValid() {
		return &pb.Location{SourceIndex: -1}
	}
	return &pb.Location{SourceIndex: int32(source), Ranges: []*pb.Range{llb.Range(pos)}}
}
