package llb

import (
	"errors"
	"os"
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/plan"
	bk "github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/buildkit/util/apicaps"
)

// ErrOldBuildKit is what a daemon older than the oldest supported one gets.
var ErrOldBuildKit = errors.New("xbuild needs BuildKit v0.13 or newer; this builder is older")

// lost are the capabilities that this daemon lacks and the emitter does without.
type lost struct {
	merge      bool // MergeOp
	modeString bool // symbolic modes in copies
}

// CheckBuilder gives ErrOldBuildKit for the capabilities of a daemon that is too old.
func CheckBuilder(caps apicaps.CapSet) error {
	if caps.Supports(pb.CapExecMountContentCache) != nil { // came with v0.13
		return ErrOldBuildKit
	}
	return nil
}

func missing(caps apicaps.CapSet) lost {
	return lost{
		merge:      caps.Supports(pb.CapMergeOp) != nil,
		modeString: caps.Supports(pb.CapFileCopyModeStringFormat) != nil,
	}
}

func (l lost) warnings() (list diag.List) {
	var costs []string
	if l.merge {
		costs = append(costs, "layers are copied onto each other instead of merged, so they are made again for every base and differ between builders")
	}
	if l.modeString {
		costs = append(costs, "files without mode: keep the mode that they have in the context, and directories get mode: as it is")
	}
	if len(costs) > 0 {
		list.Add(diag.Pos{}, "old-builder", "this builder lacks features of newer ones: %s", strings.Join(costs, "; "))
	}
	return list
}

// mode is what a copy sets on files; nil keeps the mode they have.
func (e *emitter) mode(s plan.Layer) *bk.ChmodOpt {
	switch {
	case !e.lost.modeString:
		return &bk.ChmodOpt{ModeStr: s.Mode}
	case s.Perm != 0:
		return &bk.ChmodOpt{Mode: os.FileMode(s.Perm)}
	default:
		return nil
	}
}
