// Command native adds numbers in assembly, and prints what is embedded.
package main

import (
	"embed"
	"fmt"

	"example.com/native/sum"
)

//go:embed text
var text embed.FS

func main() {
	data, err := text.ReadFile("text/hello.txt")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s%d\n", data, sum.Of(40, 2))
}
