// Command delta greets as one of two.
package main

import (
	"fmt"

	"example.com/five/greet"
	"example.com/five/pair"
)

func main() { fmt.Println(greet.From(pair.Of("delta"))) }
