// Command vendored names things by a module that is kept in vendor.
package main

import (
	"fmt"
	"os"

	"github.com/google/uuid"
)

func main() {
	for _, name := range os.Args[1:] {
		fmt.Println(uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)), name)
	}
}
