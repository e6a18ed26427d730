// Command levels counts bits, for which levels of amd64 have instructions.
package main

import (
	"fmt"
	"math/bits"
	"os"
)

func main() {
	n := 0
	for _, arg := range os.Args {
		for _, b := range []byte(arg) {
			n += bits.OnesCount8(b)
		}
	}
	fmt.Println(n)
}
