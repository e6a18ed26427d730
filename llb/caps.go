package llb

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
)

// ErrOldBuildKit is what a daemon older than the oldest supported one gets.
var ErrOldBuildKit = errors.New("xbuild needs BuildKit v0.13 or newer; this builder is older")

// CheckBuilder gives ErrOldBuildKit for the capabilities of a daemon that is too old.
func CheckBuilder(caps apicaps.CapSet) error {
	if caps.Supports(pb.CapExecMountContentCache) != nil { // came with v0.13
		return ErrOldBuildKit
	}
	return nil
}

// lost are the capabilities that this daemon lacks.
type lost struct {
	merge      bool // MergeOp
	modeString bool // symbolic modes in copies
}

func missing(caps apicaps.CapSet) lost {
	return lost{
		merge: caps.Supports(pb.CapMergeOp) != nil,
		// BuildKit v0.34 knows symbolic modes but registers no CapFileCopyModeStringFormat,
		// so no daemon reports it: a capability of the same operation that came after the
		// modes, with v0.26, stands for it.
		modeString: caps.Supports(pb.CapFileCopyRequiredPaths) != nil,
	}
}

// warnings says what the daemon's age costs this plan, in one warning at most.
func (e *emitter) warnings() (list diag.List) {
	var costs []string
	if e.lost.merge {
		costs = append(costs, "layers are copied onto each other instead of merged, so they are made again for every base and differ between builders")
	}
	if e.lost.modeString && slices.ContainsFunc(e.plan.Steps, symbolic) {
		costs = append(costs, "files without mode: keep the mode that they have in the context, and a directory gets mode: as it is written")
	}
	if len(costs) > 0 {
		list.Add(diag.Pos{}, "old-builder", "this builder lacks features of newer ones: %s", strings.Join(costs, "; "))
	}
	return list
}

func symbolic(s plan.Step) bool {
	l, ok := s.(plan.Layer)
	return ok && l.Mode != ""
}

// mode is what a copy sets on files; nil keeps the mode they have.
func (e *emitter) mode(symbols string, perm uint32) *bk.ChmodOpt {
	switch {
	case symbols != "" && !e.lost.modeString:
		return &bk.ChmodOpt{ModeStr: symbols}
	case perm != 0:
		return &bk.ChmodOpt{Mode: os.FileMode(perm)}
	default:
		return nil
	}
}
