// Command gen writes what surrounds a spec: Dockerfiles, bake files, CI, pictures.
package main

import (
	"os"

	"github.com/acme/xbuild/internal/gen"
)

func main() { os.Exit(gen.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
