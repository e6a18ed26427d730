package frontend

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	"github.com/acme/xbuild/spec"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/frontend/subrequests"
)

// call is a question of our own, as in docker buildx build --call=xbuild.explain.
type call struct {
	name, description string
	// answer is nil where a plan is not what it takes.
	answer func(*plan.Plan) (text string, data []byte, err error)
}

const callVersion = "1.0.0"

var calls = []call{
	{"frontend.xbuild.plan", "What a request builds, as data", func(p *plan.Plan) (string, []byte, error) {
		data, err := json.MarshalIndent(p, "", "  ")
		return string(data) + "\n", data, err
	}},
	{"frontend.xbuild.explain", "What would run for a request, and what decides whether it is cached", func(p *plan.Plan) (string, []byte, error) {
		text := p.Explain()
		data, err := json.Marshal(text)
		return text, data, err
	}},
	{dockerfileCall, "A plain Dockerfile that builds the same", nil},
	{"frontend.xbuild.schema", "The JSON Schema of the spec", nil},
}

// callNamed is the question of that name, nil if it is none of ours.
func callNamed(name string) *call {
	for i := range calls {
		if calls[i].name == name {
			return &calls[i]
		}
	}
	return nil
}

// unknownCall is for a question that nobody answers.
func unknownCall(id string) error {
	name := strings.TrimPrefix(id, "frontend.")
	known := []string{"check", "outline", "targets", "subrequests.describe"}
	for _, c := range calls {
		known = append(known, strings.TrimPrefix(c.name, "frontend."))
	}
	var list diag.List
	list.AddHint(diag.Pos{}, "unknown-call", diag.Nearest(name, known), "xbuild does not answer %s; it answers %s", name, strings.Join(known, ", "))
	return list.Err()
}

// callResult is an answer as clients take it.
func callResult(text string, data []byte) *client.Result {
	res := client.NewResult()
	res.AddMeta("result.json", data)
	res.AddMeta("result.txt", []byte(text))
	res.AddMeta("version", []byte(callVersion))
	return res
}

// schema answers without a spec.
func schema() *client.Result {
	data := spec.Schema()
	return callResult(string(data), data)
}

// describe adds our questions to those that dockerui lists.
func describe(_ context.Context, res *client.Result) (*client.Result, error) {
	var all []subrequests.Request
	if err := json.Unmarshal(res.Metadata["result.json"], &all); err != nil {
		return nil, fmt.Errorf("list of requests: %w", err)
	}
	for _, c := range calls {
		all = append(all, subrequests.Request{
			Name: c.name, Version: callVersion, Type: subrequests.TypeRPC, Description: c.description,
			Metadata: []subrequests.Named{{Name: "result.json"}, {Name: "result.txt"}},
		})
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := subrequests.PrintDescribe(data, &text); err != nil {
		return nil, err
	}
	res = callResult(text.String(), data)
	res.AddMeta("version", []byte(subrequests.SubrequestsDescribeDefinition.Version))
	return res, nil
}
