// Command resolve looks up a host name.
package main

import (
	"fmt"
	"net"
	"os"
)

var version string // set by the linker

func main() {
	if _, err := net.LookupHost("localhost"); err != nil {
		fmt.Fprintln(os.Stderr, err) // on scratch nothing knows it
	}
	fmt.Println(version, language())
}
