// Package sum adds.
package sum

// Of gives a + b.
func Of(a, b int64) int64 { return add(a, b) }
