// Package greet says who is there.
package greet

// From is a greeting.
func From(name string) string { return "hello from " + name }
