// Command vendored sorts versions by a module that is kept in vendor.
package main

import (
	"fmt"
	"os"

	"golang.org/x/mod/semver"
)

func main() {
	versions := os.Args[1:]
	semver.Sort(versions)
	for _, v := range versions {
		fmt.Println(v, semver.Prerelease(v))
	}
}
