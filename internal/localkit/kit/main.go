// Command kit is for the Makefile: "kit prepare" makes what later kits need, "kit push <reference>" publishes the
// frontend image.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/acme/xbuild/internal/localkit"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	switch {
	case len(args) == 1 && args[0] == "prepare":
		return prepare(ctx, out)
	case len(args) == 2 && args[0] == "push":
		return push(ctx, out, args[1])
	default:
		return errors.New("usage: kit prepare | kit push <reference>")
	}
}

// prepare starts a kit and stops it. Where none can run it says so and succeeds: the tests that need one skip.
func prepare(ctx context.Context, out io.Writer) error {
	k, err := localkit.Start(ctx, localkit.Options{External: true, Log: out})
	if errors.Is(err, localkit.ErrUnsupported) {
		fmt.Fprintln(out, err)
		return nil
	}
	if err != nil {
		return err
	}
	return k.Close()
}

// push uses the credentials of the user's Docker configuration and changes nothing in it.
func push(ctx context.Context, out io.Writer, ref string) (err error) {
	root, err := localkit.RepositoryRoot()
	if err != nil {
		return err
	}
	cache, err := localkit.CacheDir()
	if err != nil {
		return err
	}
	config := os.Getenv("DOCKER_CONFIG")
	if config == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		config = filepath.Join(home, ".docker")
	}
	k, err := localkit.Start(ctx, localkit.Options{
		State:    filepath.Join(cache, "kits", "demo"),
		External: true,
		Log:      out,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	if _, err := k.PushFrontend(ctx, root); err != nil {
		return err
	}
	args := append([]string{"build"}, k.FrontendArgs()...)
	cmd := k.Buildx(ctx, append(args, "-f", filepath.Join(root, "xbuild.yaml"), "--platform", "linux/amd64,linux/arm64", "--tag", ref, "--push", root)...)
	cmd.Env = append(cmd.Env, "DOCKER_CONFIG="+config)
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	fmt.Fprintf(out, "$ %s\n", localkit.CommandLine(cmd))
	return cmd.Run()
}
