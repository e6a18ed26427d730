// Command worker does one thing and ends.
package main

import (
	"fmt"

	"example.com/multi/internal/about"
)

func main() {
	logf("channel %s", about.Channel)
	fmt.Println("done")
}
