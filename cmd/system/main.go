// Command system writes what programs expect of a system. It runs in a build step.
package main

import (
	"fmt"
	"os"

	"github.com/acme/xbuild/internal/system"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: system DIR")
		os.Exit(2)
	}
	if err := system.Write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "system:", err)
		os.Exit(1)
	}
}
