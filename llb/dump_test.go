package llb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/llb"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

// dump prints the definitions of all targets as our own text, one line for each operation with its inputs
// by line number: neither digests nor protojson, which change with everything.
func dump(t *testing.T, b *llb.Build) string {
	t.Helper()
	d := &dumper{lines: map[digest.Digest]int{}, ops: map[digest.Digest]*pb.Op{}, names: map[digest.Digest]string{}}
	for _, target := range b.Targets {
		def, err := b.Marshal(t.Context(), target.State)
		if err != nil {
			t.Fatal(err)
		}
		d.add(t, def)
	}
	return d.out.String()
}

type dumper struct {
	lines map[digest.Digest]int
	ops   map[digest.Digest]*pb.Op
	names map[digest.Digest]string
	out   strings.Builder
}

func (d *dumper) add(t *testing.T, def *bk.Definition) {
	t.Helper()
	for i, data := range def.Def {
		op := &pb.Op{}
		if err := op.Unmarshal(data); err != nil {
			t.Fatal(err)
		}
		dgst := digest.FromBytes(data)
		d.ops[dgst] = op
		d.names[dgst] = def.Metadata[dgst].Description["llb.customname"]
		if i == len(def.Def)-1 { // the last one only names the result
			d.print(digest.Digest(op.Inputs[0].Digest))
			fmt.Fprintf(&d.out, "result %d\n", d.lines[digest.Digest(op.Inputs[0].Digest)])
		}
	}
}

func (d *dumper) print(dgst digest.Digest) {
	if _, ok := d.lines[dgst]; ok {
		return
	}
	op := d.ops[dgst]
	var inputs []string
	for _, in := range op.Inputs {
		d.print(digest.Digest(in.Digest))
		inputs = append(inputs, fmt.Sprintf("<-%d", d.lines[digest.Digest(in.Digest)]))
	}
	d.lines[dgst] = len(d.lines)
	fmt.Fprintln(&d.out, strings.Join(append([]string{fmt.Sprint(d.lines[dgst])}, append(inputs, describe(op, d.names[dgst]))...), " "))
}

func describe(op *pb.Op, name string) string {
	platform := ""
	if p := op.Platform; p != nil {
		platform = fmt.Sprintf(" on %s/%s%s", p.OS, p.Architecture, p.Variant)
	}
	switch o := op.Op.(type) {
	case *pb.Op_Source:
		return "source " + o.Source.Identifier + platform + attrs(o.Source.Attrs)
	case *pb.Op_Exec:
		return "exec " + fmt.Sprintf("%q", o.Exec.Meta.Args) + platform + execDetails(o.Exec) + "\n    # " + name
	case *pb.Op_File:
		var out []string
		for _, a := range o.File.Actions {
			out = append(out, fileAction(a))
		}
		return "file " + strings.Join(out, "; ") + "\n    # " + name
	case *pb.Op_Merge:
		return "merge"
	default:
		return fmt.Sprintf("%T", o)
	}
}

func attrs(m map[string]string) string {
	var out strings.Builder
	for _, k := range sortedKeys(m) {
		fmt.Fprintf(&out, "\n    %s = %s", k, m[k])
	}
	return out.String()
}

func execDetails(e *pb.ExecOp) string {
	var out strings.Builder
	fmt.Fprintf(&out, " in %s network %s user %s", e.Meta.Cwd, e.Network, e.Meta.User)
	for _, kv := range e.Meta.Env {
		fmt.Fprintf(&out, "\n    env %s", kv)
	}
	for _, m := range e.Mounts {
		fmt.Fprintf(&out, "\n    mount %s %s", m.Dest, strings.ToLower(m.MountType.String()))
		if m.Input >= 0 {
			fmt.Fprintf(&out, " input %d", m.Input)
		}
		if m.Selector != "" {
			fmt.Fprintf(&out, " path %s", m.Selector)
		}
		if m.Output >= 0 {
			fmt.Fprintf(&out, " output %d", m.Output)
		}
		if m.Readonly {
			out.WriteString(" readonly")
		}
		if m.ContentCache != pb.MountContentCache_DEFAULT {
			fmt.Fprintf(&out, " content-cache %s", strings.ToLower(m.ContentCache.String()))
		}
		if m.CacheOpt != nil {
			fmt.Fprintf(&out, " id %s %s", m.CacheOpt.ID, strings.ToLower(m.CacheOpt.Sharing.String()))
		}
	}
	return out.String()
}

func fileAction(a *pb.FileAction) string {
	c := a.GetCopy()
	if c == nil {
		return fmt.Sprintf("%T", a.Action)
	}
	out := fmt.Sprintf("copy %s to %s time %d mode %q", c.Src, c.Dest, c.Timestamp, c.ModeStr)
	if c.ModeStr == "" {
		out = fmt.Sprintf("copy %s to %s time %d mode %o", c.Src, c.Dest, c.Timestamp, c.Mode)
	}
	if c.Owner != nil {
		out += fmt.Sprintf(" owner %d:%d", c.Owner.User.GetByID(), c.Owner.Group.GetByID())
	}
	for _, p := range c.IncludePatterns {
		out += "\n    include " + p
	}
	for _, p := range c.ExcludePatterns {
		out += "\n    exclude " + p
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
