package bake

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// blocks are the values of a bake file: by kind, name and attribute.
type blocks map[string]map[string]map[string]cty.Value

// read evaluates a bake file as buildx does, with variables set by an environment.
func read(t testing.TB, file *hcl.File, env map[string]cty.Value) blocks {
	t.Helper()
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{},
		Functions: map[string]function.Function{"replace": stdlib.ReplaceFunc},
	}
	schema := &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "variable", LabelNames: []string{"name"}}, {Type: "group", LabelNames: []string{"name"}}, {Type: "target", LabelNames: []string{"name"}},
	}}
	content, diags := file.Body.Content(schema)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	out := blocks{"variable": {}, "group": {}, "target": {}}
	for _, kind := range []string{"variable", "group", "target"} {
		for _, b := range content.Blocks.OfType(kind) {
			attrs, diags := b.Body.JustAttributes()
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			out[kind][b.Labels[0]] = map[string]cty.Value{}
			for name, a := range attrs {
				v, diags := a.Expr.Value(ctx)
				if diags.HasErrors() {
					t.Fatalf("%s %s: %v", kind, b.Labels[0], diags)
				}
				out[kind][b.Labels[0]][name] = v
			}
			if kind == "variable" {
				ctx.Variables[b.Labels[0]] = out[kind][b.Labels[0]]["default"]
				if v, ok := env[b.Labels[0]]; ok {
					ctx.Variables[b.Labels[0]] = v
				}
			}
		}
	}
	return out
}

// readBoth gives what a file says in both formats.
func readBoth(t testing.TB, f *File, env map[string]cty.Value) (json, hcl blocks) {
	t.Helper()
	j, diags := hclparse.NewParser().ParseJSON(f.JSON(), "docker-bake.json")
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, f.JSON())
	}
	h, diags := hclparse.NewParser().ParseHCL(f.HCL(), "docker-bake.hcl")
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, f.HCL())
	}
	return read(t, j, env), read(t, h, env)
}

// texts are the strings of a list, or of a single string, without those that are empty.
func texts(v cty.Value) (out []string) {
	if v == cty.NilVal || v.IsNull() {
		return nil
	}
	if v.Type() == cty.String {
		return []string{v.AsString()}
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); e.AsString() != "" {
			out = append(out, e.AsString())
		}
	}
	return out
}
