//go:build !cgo

package main

func language() string { return "Go" }
