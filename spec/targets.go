package spec

import "slices"

// IsBuiltinTarget reports whether a request's target of that name is not an image.
func IsBuiltinTarget(name string) bool { return slices.Contains(builtin, name) }

// DebugTarget is the target that Image.Debug adds for the image of that name.
func DebugTarget(image string) string { return image + "-debug" }
