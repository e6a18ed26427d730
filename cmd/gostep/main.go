// Command gostep is what the build steps of xbuild run.
package main

import (
	"os"

	"github.com/acme/xbuild/internal/gostep"
)

func main() { os.Exit(gostep.Main(os.Args[1:], os.Stderr)) }
