// Command shop prints prices.
package main

import (
	"os"

	"example.com/workspace/log"
	"example.com/workspace/store"
)

func main() {
	for _, thing := range os.Args[1:] {
		log.Print("shop", thing+" "+store.Price(thing).String())
	}
}
