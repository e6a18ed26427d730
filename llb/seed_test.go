package llb_test

import (
	"strings"
	"testing"

	"github.com/acme/xbuild/llb"
	"github.com/acme/xbuild/plan"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// TestSeed holds that the steps around a seed use the build cache without making the builder drop it,
// that they run on nothing but the step program, and that no step of the build depends on them.
func TestSeed(t *testing.T) {
	p := planOf(t, "../examples/multi", plan.Request{BuildPlatform: amd64, Platforms: []ocispecs.Platform{amd64}, Target: plan.TargetDeps})
	emit := func(id string) *llb.Build {
		b, err := llb.Emit(p, llb.Options{Tool: tool, LocalID: id})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	deps := p.DepsOf(p.Targets[0])[0]
	b := emit("one")
	for name, st := range map[string]bk.State{"isnew": b.IsNew(deps, "1.26.1"), "seed": b.Seed(deps, bk.Image("registry.invalid/seed"), deps.Folder(), "state")} {
		def, err := b.Marshal(t.Context(), st)
		if err != nil {
			t.Fatal(err)
		}
		op := execOf(t, def, name)
		for dgst, md := range def.Metadata {
			if md.IgnoreCache {
				t.Errorf("%s: %s drops its cache mounts", name, dgst)
			}
		}
		var cache bool
		for _, m := range op.Mounts {
			cache = cache || m.MountType == pb.MountType_CACHE && m.CacheOpt.ID == "/xbuild/go-build"
			if m.Dest == "/" && m.Input != int64(pb.Empty) {
				t.Errorf("%s runs on an image", name)
			}
		}
		if !cache || op.Network != pb.NetMode_NONE {
			t.Errorf("%s: build cache %v, network %v", name, cache, op.Network)
		}
	}
	args := func(id string) string {
		b := emit(id)
		def, err := b.Marshal(t.Context(), b.IsNew(deps, ""))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(execOf(t, def, "isnew").Meta.Args, " ")
	}
	if args("one") == args("two") {
		t.Error("another build would be told what this one was")
	}
	if text := dump(t, b); strings.Contains(text, "isnew") || strings.Contains(text, "registry.invalid/seed") {
		t.Errorf("the build has steps of a seed:\n%s", text)
	}
}

// execOf is the operation in a definition that runs a command of the step program.
func execOf(t *testing.T, def *bk.Definition, command string) *pb.ExecOp {
	t.Helper()
	for _, data := range def.Def {
		op := &pb.Op{}
		if err := op.Unmarshal(data); err != nil {
			t.Fatal(err)
		}
		if e := op.GetExec(); e != nil && e.Meta.Args[1] == command {
			return e
		}
	}
	t.Fatalf("nothing runs %s", command)
	return nil
}
