// Package integration runs xbuild on a real BuildKit, with the frontend as the image
// that the repository's spec describes.
package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
	"github.com/moby/buildkit/client"
)

// shared is the kit of most tests; its state stays between runs. It is nil where
// BuildKit tests are skipped, for the reason in skip.
var (
	shared *localkit.Kit
	second *localkit.Kit // of another

	startSecond sync.Once
	secondErr   error
	skip        string
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if testing.Short() {
		skip = "BuildKit tests are not short"
		return m.Run()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cache, err := localkit.CacheDir()
	if err == nil {
		shared, err = localkit.Start(ctx, localkit.Options{State: filepath.Join(cache, "kits", "test"), Log: os.Stderr})
	}
	switch {
	case errors.Is(err, localkit.ErrUnsupported):
		skip = err.Error()
		return m.Run()
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shared.Close()
	defer func() {
		if second != nil {
			second.Close()
		}
	}()
	if err := errors.Join(begin(ctx, shared), publish(ctx, shared)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// mostKept is how many bytes of earlier runs the kit's daemon may begin with. It removes what was long unused when it has 20 GB: the results
// of steps that are cached deeper than what is built, so that a cache that it then exports lacks them.
const mostKept = 12e9

// begin empties a daemon that has too much.
func begin(ctx context.Context, k *localkit.Kit) error {
	c, err := k.Client(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	usage, err := c.DiskUsage(ctx)
	if err != nil {
		return err
	}
	var size int64
	for _, u := range usage {
		size += u.Size
	}
	if size < mostKept {
		return nil
	}
	fmt.Fprintf(os.Stderr, "the kit has %d GB of earlier runs: all steps run again\n", size/1e9)
	return c.Prune(ctx, nil, client.PruneAll)
}

// publish pushes what the examples need: the frontend and the base image.
func publish(ctx context.Context, k *localkit.Kit) error {
	root, err := localkit.RepositoryRoot()
	if err != nil {
		return err
	}
	if _, err := k.PushFrontend(ctx, root); err != nil {
		return err
	}
	_, err = k.Registry.PushBase(ctx, "acme/base:1")
	return err
}

// kit gives the shared kit, and skips the test where there is none.
func kit(t *testing.T) *localkit.Kit {
	t.Helper()
	os.Getenv("XBUILD_TEST_RUN") // go's test cache can't judge what images are made of
	if shared == nil {
		t.Skip(skip)
	}
	return shared
}

// another gives a daemon as apart does, that began this run with an empty cache. It is the same one for all tests.
func another(t *testing.T) *localkit.Kit {
	t.Helper()
	startSecond.Do(func() {
		second, secondErr = localkit.Start(context.Background(), localkit.Options{Registry: kit(t).Registry, OwnNetwork: true})
	})
	if secondErr != nil {
		t.Fatal(secondErr)
	}
	return second
}

// fresh gives a daemon with an empty cache, on the shared kit's registry.
func fresh(t *testing.T) *localkit.Kit {
	t.Helper()
	return start(t, localkit.Options{})
}

// apart gives a daemon as fresh does, with a network of its own where that is possible, see [localkit.Kit.OwnNetwork].
func apart(t *testing.T) *localkit.Kit {
	t.Helper()
	return start(t, localkit.Options{OwnNetwork: true})
}

func start(t *testing.T, o localkit.Options) *localkit.Kit {
	t.Helper()
	o.Registry = kit(t).Registry
	k, err := localkit.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}
