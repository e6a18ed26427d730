// Command base prints the release file of the image that it runs in.
package main

import (
	"fmt"
	"os"
)

func main() {
	release, err := os.ReadFile("/etc/base-release")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("BASE=%s on %s", os.Getenv("BASE"), release)
}
