// Package log prints lines that name their program.
package log

import "fmt"

// Print prints a line.
func Print(program, text string) { fmt.Printf("%s: %s\n", program, text) }
