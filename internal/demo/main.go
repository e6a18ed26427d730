// Command demo builds examples/hello for two architectures, end to end on a real BuildKit, and runs the one
// that this machine can. It is "make demo".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/acme/xbuild/internal/localkit"
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Stdout)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n") // what follows was printed as progress
		fmt.Fprintln(os.Stderr, "demo:", line)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	start := time.Now()
	root, err := localkit.RepositoryRoot()
	if err != nil {
		return err
	}
	cache, err := localkit.CacheDir()
	if err != nil {
		return err
	}

	heading(out, "A BuildKit on this machine")
	kit, err := localkit.Start(ctx, localkit.Options{
		State:    filepath.Join(cache, "kits", "demo"),
		External: true,
		Log:      out,
	})
	if err != nil {
		return err
	}
	defer func() {
		if stopped := kit.Close(); err == nil {
			err = stopped
		}
	}()

	heading(out, "The frontend image, from this repository")
	if _, err := kit.PushFrontend(ctx, root); err != nil {
		return err
	}

	heading(out, "examples/hello for two architectures")
	building := time.Now()
	ref, err := kit.Build(ctx, "demo/hello:latest", filepath.Join(root, "examples", "hello"),
		"--platform", "linux/amd64,linux/arm64")
	if err != nil {
		return err
	}
	built := time.Since(building)

	heading(out, "The result")
	index, err := kit.Registry.Index(ctx, ref)
	if err != nil {
		return err
	}
	if err := list(out, ref, index); err != nil {
		return err
	}
	img, err := kit.Registry.Image(ctx, ref, v1.Platform{OS: "linux", Architecture: runtime.GOARCH})
	if err != nil {
		return err
	}
	if err := answer(ctx, out, img); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nhello built in %s, all done in %s\n", seconds(built), seconds(time.Since(start)))
	return nil
}

func heading(out io.Writer, text string) { fmt.Fprintf(out, "\n== %s\n", text) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
