// Package pair is of two commands.
package pair

// Of names both.
func Of(name string) string { return name + ", one of beta and delta" }
