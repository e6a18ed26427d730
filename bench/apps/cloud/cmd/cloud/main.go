// Command cloud keeps an inventory of what runs in a Kubernetes cluster: snapshots in S3, changes on SQS, the present
// state over HTTP.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the linker.
var version = "devel"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "cloud:", err)
		os.Exit(1)
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "cloud",
		Short:         "An inventory of what runs in a cluster",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	path := cmd.PersistentFlags().String("config", "config.yaml", "settings file")
	cmd.AddCommand(serveCommand(path), listCommand(path), diffCommand(path))
	return cmd
}
