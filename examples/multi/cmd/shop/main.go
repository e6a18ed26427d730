// Command shop serves the files of WEB_ROOT.
package main

import (
	"fmt"
	"net/http"
	"os"

	"example.com/multi/internal/about"
	"rsc.io/quote"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "serve" {
		fmt.Printf("%s (%s): %s", quote.Go(), about.Channel, about.Motto)
		return
	}
	if err := http.ListenAndServe(":8080", http.FileServer(http.Dir(os.Getenv("WEB_ROOT")))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
