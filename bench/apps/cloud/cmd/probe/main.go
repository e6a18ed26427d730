// Command probe asks a server whether it is ready, for the health checks of containers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"example.com/cloud/internal/health"
)

func main() {
	base := flag.String("url", "http://localhost:8080", "address of the server")
	timeout := flag.Duration("timeout", 2*time.Second, "how long to wait for an answer")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), *timeout)
	defer cancel()
	status, err := health.Ask(ctx, *base)
	if err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(2)
	}
	fmt.Printf("version %s, ready: %t\n", status.Version, status.Ready)
	if !status.Ready {
		os.Exit(1)
	}
}
