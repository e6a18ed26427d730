//go:build nolog

package main

func logf(string, ...any) {}
