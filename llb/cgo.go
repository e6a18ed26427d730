package llb

import (
	"encoding/json"

	"github.com/acme/xbuild/internal/gostep"
	"github.com/acme/xbuild/plan"
	"github.com/containerd/platforms"
	bk "github.com/moby/buildkit/client/llb"
)

// cc puts a C compiler into the toolchain image. What is added is a layer of its own.
func (e *emitter) cc(s plan.CC) (bk.State, error) {
	data, err := json.Marshal(gostep.CC{
		Target: platforms.Format(s.Platform), CC: s.CC, GNU: s.GNU, Debian: s.Debian, Zig: s.Zig,
		Packages: s.Packages, Libs: s.Libs, Snapshot: s.Snapshot,
	})
	if err != nil {
		return bk.State{}, err
	}
	_, network := e.network(nil)
	return e.run("/", []string{toolPath, "cc", string(data)}, nil, e.named(s.Pos, e.plan.NameOf(s)), append(network, toolMount(e.opt.Tool))...).Root(), nil
}

// root is the file system that a step runs on, NoStep standing for the toolchain image.
func (e *emitter) root(id plan.StepID) bk.State {
	if id == plan.NoStep {
		return e.toolchain
	}
	return e.states[id]
}
