// Command gamma greets.
package main

import (
	"fmt"

	"example.com/five/greet"
)

func main() { fmt.Println(greet.From("gamma")) }
