package spec

import "slices"

// IsBuiltinTarget reports whether a request's target of that name is not an image.
func IsBuiltinTarget(name string) bool { return slices.Contains(builtin, name) }
