// Command dial connects to a TCP address, and fails where it can't.
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	if _, err := net.DialTimeout("tcp", os.Args[1], 5*time.Second); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
