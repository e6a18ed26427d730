package localkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/moby/buildkit/client"
)

// Options of [Start]. The zero value is a new daemon that leaves nothing behind.
type Options struct {
	// State is the folder that keeps the daemon's cache between kits. One kit at a time holds it:
	// while another does, Start says so and goes on with a temporary one. "" is a temporary folder.
	State string

	// Registry is used instead of a new one, and outlives the kit: several kits may share it.
	Registry *Registry

	// External allows a BuildKit that runs already instead of a new daemon: the one at
	// BUILDKIT_HOST, else a builder on the Docker engine that answers.
	External bool

	// OwnNetwork asks for a network namespace for a new daemon, see [Kit.OwnNetwork].
	OwnNetwork bool

	Log io.Writer // progress, by line; nil discards it
}

// Kit is a BuildKit with the programs that drive it. Its commands read and write no Docker
// configuration but the kit's own.
type Kit struct {
	Registry *Registry

	log      io.Writer
	state    string
	keep     bool // the state outlives the kit
	addr     string
	pid      int
	buildctl string
	builder  builder
	external bool
	frontend []string

	ownNetwork bool

	undo  []func() error // in order of creation
	close sync.Once
	err   error
}

// Start runs a BuildKit until Close or the end of ctx, whichever is first. It fails with [ErrUnsupported] on a machine
// where no daemon can run, and undoes what it did when it fails.
func Start(ctx context.Context, o Options) (*Kit, error) {
	k := &Kit{Registry: o.Registry, log: o.Log}
	if k.log == nil {
		k.log = io.Discard
	}
	err := k.start(ctx, o)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, k.Close())
	}
	context.AfterFunc(ctx, func() { k.Close() })
	return k, nil
}

func (k *Kit) start(ctx context.Context, o Options) error {
	outside := outsideBuilder{}
	if o.External {
		outside = findOutside(ctx)
	}
	k.external = outside != outsideBuilder{}
	if !k.external {
		if err := supported(); err != nil {
			return err
		}
	}
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	if err := k.holdState(ctx, cache, o.State); err != nil {
		return err
	}
	if k.Registry == nil {
		if k.Registry, err = NewRegistry(filepath.Join(k.state, "registry")); err != nil {
			return err
		}
		k.undo = append(k.undo, k.Registry.Close)
	}
	if k.external {
		return k.useOutside(ctx, outside)
	}
	programs, err := Tools(ctx, k.log, Buildkitd, Runc, Buildctl, Buildx, DockerfileFrontend)
	if err != nil {
		return err
	}
	if err := k.Registry.publishToolchain(ctx, k.log, cache); err != nil {
		return err
	}
	if err := k.Registry.publishDockerfile(ctx, cache, programs[DockerfileFrontend]); err != nil {
		return err
	}
	if err := k.startDaemon(ctx, programs[Buildkitd], programs[Runc], o.OwnNetwork); err != nil {
		return err
	}
	k.buildctl = programs[Buildctl]
	return k.useBuildx(ctx, programs[Buildx], "remote", k.addr)
}

// holdState takes the state folder, or makes a temporary one.
func (k *Kit) holdState(ctx context.Context, cache, dir string) error {
	if dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		unlock, err := tryLock(filepath.Join(dir, "lock"))
		if err == nil {
			k.state, k.keep = dir, true
			k.undo = append(k.undo, func() error { unlock(); return nil })
			return nil
		}
		if !errors.Is(err, errLocked) {
			return err
		}
		fmt.Fprintf(k.log, "%s is in use: going on with an empty cache\n", dir)
	}
	kits := filepath.Join(cache, "kits")
	if err := os.MkdirAll(kits, 0o755); err != nil {
		return err
	}
	unlock, err := lock(ctx, filepath.Join(kits, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	if err := sweep(kits); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(kits, TempPrefix)
	if err != nil {
		return err
	}
	release, err := tryLock(filepath.Join(temp, "lock"))
	if err != nil {
		return err
	}
	k.state = temp
	k.undo = append(k.undo, func() error {
		defer release()
		return os.RemoveAll(temp)
	})
	return nil
}

// TempPrefix begins the names of folders in the folder kits of [CacheDir] that the next kit removes unless one
// holds them.
const TempPrefix = "tmp-"

// sweep removes the temporary states of kits that were killed.
func sweep(kits string) error {
	dirs, err := filepath.Glob(filepath.Join(kits, TempPrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		release, err := tryLock(filepath.Join(dir, "lock"))
		if err != nil {
			continue // held by a running kit, or being removed by one
		}
		err = os.RemoveAll(dir)
		release()
		if err != nil {
			return err
		}
	}
	return nil
}

// Close stops all that Start started and removes a temporary state. Later calls do nothing and give the
// same result.
func (k *Kit) Close() error {
	k.close.Do(func() {
		var errs []error
		for i := len(k.undo) - 1; i >= 0; i-- {
			errs = append(errs, k.undo[i]())
		}
		k.err = errors.Join(errs...)
	})
	return k.err
}

// Addr is the daemon's address, as in BUILDKIT_HOST. It is "" where the BuildKit is a builder of a Docker
// engine, which only buildx reaches.
func (k *Kit) Addr() string { return k.addr }

// PID is the process of the daemon that the kit started, above those of all its steps. It is 0 where the BuildKit is one
// that ran already.
func (k *Kit) PID() int { return k.pid }

// External reports whether the BuildKit is one that ran already. It may then be out of reach of the
// kit's registry, see [Kit.FrontendArgs].
func (k *Kit) External() bool { return k.external }

// OwnNetwork reports whether the daemon has a network namespace to itself: it and its steps reach the kit's registry, at
// the address that it has here, and nothing else. Where none can be made the daemon shares this machine's network; the log says why.
func (k *Kit) OwnNetwork() bool { return k.ownNetwork }

// State is the kit's folder: buildkitd.log and buildkitd.toml are in it.
func (k *Kit) State() string { return k.state }

var errNoAddress = errors.New("the BuildKit of a Docker engine is reached by buildx only")

// Client connects to the daemon. The caller closes it.
func (k *Kit) Client(ctx context.Context) (*client.Client, error) {
	if k.addr == "" {
		return nil, errNoAddress
	}
	return client.New(ctx, k.addr)
}

// Buildctl is the command buildctl for the kit's daemon, ended with ctx. It fails to start where the kit
// has no address.
func (k *Kit) Buildctl(ctx context.Context, args ...string) *exec.Cmd {
	cmd := k.command(ctx, k.buildctl, append([]string{"--addr", k.addr}, args...)...)
	if k.addr == "" {
		cmd.Err = errNoAddress
	}
	return cmd
}

// Buildx is the command "docker buildx" with the kit's builder selected, ended with ctx.
func (k *Kit) Buildx(ctx context.Context, args ...string) *exec.Cmd {
	return k.command(ctx, k.builder.program, args...)
}

// UseBuildx gives the buildx program, and sets with setenv what makes it use the kit's builder in a process that the
// kit does not start.
func (k *Kit) UseBuildx(setenv func(name, value string)) (program string) {
	for _, kv := range k.builder.env {
		name, value, _ := strings.Cut(kv, "=")
		setenv(name, value)
	}
	return k.builder.program
}

// command is a program in the environment of the kit's builder. It is interrupted at the end of ctx, and
// killed when that does not end it.
func (k *Kit) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopGrace
	for _, v := range os.Environ() {
		if !k.builder.owns(v) {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, k.builder.env...)
	return cmd
}

// CommandLine is cmd as one would type it.
func CommandLine(cmd *exec.Cmd) string {
	words := append([]string{filepath.Base(cmd.Path)}, cmd.Args[1:]...)
	if words[0] == Buildx {
		words[0] = "docker buildx"
	}
	for i, w := range words[1:] {
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$&|;<>()*?`!#") {
			words[i+1] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}
