package localkit

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Fleet is one buildx builder over the daemons of several kits, each a node for the platforms that it was given. Platforms
// that no node was given are the first node's.
type Fleet struct {
	first *Kit
	name  string
}

// Fleet makes a builder whose first node is the kit. It is gone when the kit closes.
func (k *Kit) Fleet(ctx context.Context, name string, platforms ...string) (*Fleet, error) {
	f := &Fleet{first: k, name: name}
	return f, f.create(ctx, k, platforms)
}

// Append adds the kit's daemon as a node. A platform that another node had is this one's now.
func (f *Fleet) Append(ctx context.Context, k *Kit, platforms ...string) error {
	return f.create(ctx, k, platforms, "--append")
}

func (f *Fleet) create(ctx context.Context, k *Kit, platforms []string, flags ...string) error {
	args := append([]string{"create", "--name", f.name, "--driver", "remote", "--platform", strings.Join(platforms, ",")}, flags...)
	if out, err := f.first.Buildx(ctx, append(args, k.addr)...).CombinedOutput(); err != nil {
		return fmt.Errorf("buildx create: %w%s", err, lastLines(out, 10))
	}
	return nil
}

// Buildx is [Kit.Buildx] with this builder selected.
func (f *Fleet) Buildx(ctx context.Context, args ...string) *exec.Cmd {
	cmd := f.first.Buildx(ctx, args...)
	cmd.Env = append(cmd.Env, "BUILDX_BUILDER="+f.name)
	return cmd
}
