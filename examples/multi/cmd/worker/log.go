//go:build !nolog

package main

import "log"

func logf(format string, args ...any) { log.Printf(format, args...) }
