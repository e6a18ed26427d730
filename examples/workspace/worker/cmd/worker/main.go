// Command worker adds amounts.
package main

import (
	"example.com/workspace/log"
	"example.com/workspace/money"
)

func main() {
	var sum money.Cents
	for i := range 10 {
		sum += money.Cents(i)
	}
	log.Print("worker", sum.String())
}
