package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/acme/xbuild/internal/frontend"
	"github.com/moby/buildkit/client"
	gw "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
	capspb "github.com/moby/buildkit/util/apicaps/pb"
)

// lesser is a daemon's gateway that reports fewer capabilities than the daemon has.
type lesser struct {
	gw.Client
	lacks []apicaps.CapID
}

func (l lesser) BuildOpts() gw.BuildOpts {
	o := l.Client.BuildOpts()
	var left []*capspb.APICap
	for _, c := range pb.Caps.All() {
		if !slices.Contains(l.lacks, apicaps.CapID(c.ID)) {
			left = append(left, c)
		}
	}
	o.LLBCaps = pb.Caps.CapSet(left)
	return o
}

// without runs the frontend in this process, with gostep as a named context, since it
// is in no image then.
func without(t *testing.T, r request, lacks ...apicaps.CapID) request {
	t.Helper()
	r.locals = map[string]string{"gostep": gostep(t)}
	r.attrs = with(r.attrs, map[string]string{"context:gostep": "local:gostep"})
	r.gateway = func(ctx context.Context, c *client.Client, opt client.SolveOpt, ch chan *client.SolveStatus) (*client.SolveResponse, error) {
		opt.Frontend = ""
		return c.Build(ctx, opt, "xbuild-test", func(ctx context.Context, c gw.Client) (*gw.Result, error) {
			return frontend.Build(ctx, lesser{c, lacks})
		}, ch)
	}
	return r
}

// gostep gives a folder with the programs that run in steps, as the frontend's image has them.
func gostep(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "../../cmd/gostep", "../../cmd/system")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// TestOlderBuilder builds the same content where newer features are missing, and says once
// what that costs.
func TestOlderBuilder(t *testing.T) {
	k := kit(t)
	dir := project(t, with(tiny, map[string]string{
		"Dockerfile":     "# syntax=acme/xbuild\nchecks: {skip: [unpinned-base]}\nimages:\n  tiny:\n    base: acme/base:1\n    files: [{from: web, to: /srv/web}, {from: run.sh, to: /srv/, mode: \"0755\"}]\n",
		"web/index.html": "hello\n",
		"run.sh":         "#!/bin/sh\n",
	}))
	if err := os.Chmod(filepath.Join(dir, "web"), 0o755); err != nil {
		t.Fatal(err)
	}
	listing := func(r *result) string {
		var lines []string
		for name, h := range r.files {
			lines = append(lines, fmt.Sprintf("%s %o %d:%d %q", name, h.Mode, h.Uid, h.Gid, r.data[name]))
		}
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	all := build(t, k, without(t, request{dir: dir}))
	if len(all.warnings) > 0 {
		t.Errorf("a full builder is warned about: %v", all.warnings)
	}
	for _, lacks := range [][]apicaps.CapID{{pb.CapMergeOp}, {pb.CapFileCopyRequiredPaths}, {pb.CapMergeOp, pb.CapFileCopyRequiredPaths}} {
		res := build(t, k, without(t, request{dir: dir}, lacks...))
		if got, want := listing(res), listing(all); got != want {
			t.Errorf("without %v the image holds\n%s\nwant\n%s", lacks, got, want)
		}
		if len(res.warnings) != 1 || !strings.Contains(res.warnings[0], "[old-builder]") {
			t.Errorf("without %v the warnings are %q, want one", lacks, res.warnings)
		}
	}

	_, err := tryBuild(t, k, without(t, request{dir: dir}, pb.CapExecMountContentCache))
	if err == nil || !strings.HasSuffix(err.Error(), "xbuild needs BuildKit v0.13 or newer; this builder is older") {
		t.Errorf("a builder older than v0.13 gives %v", err)
	}
}

// TestNoTool says what to do when the frontend runs outside its image.
func TestNoTool(t *testing.T) {
	r := without(t, request{dir: project(t, tiny)})
	r.attrs = nil
	_, err := tryBuild(t, kit(t), r)
	if err == nil || !strings.Contains(err.Error(), "--build-context gostep=") {
		t.Errorf("got %v", err)
	}
}
