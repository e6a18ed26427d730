package spec

import (
	"slices"
	"strings"
)

// builtin are the targets that are not images.
var builtin = []string{"binaries", "dist", "test", "vet", "deps", "own"}

// BuiltinTargets are the targets that are not images; no image may have such a name.
func BuiltinTargets() []string { return slices.Clone(builtin) }

// IsBuiltinTarget reports whether a request's target of that name is not an image.
func IsBuiltinTarget(name string) bool { return slices.Contains(builtin, name) }

// DebugTarget is the target that Image.Debug adds for the image of that name.
func DebugTarget(image string) string { return image + "-debug" }

// CacheRef is where the cache of a target is, for a cache.registry: a tag of its own, since targets
// that are exported one by one would overwrite each other. A bake file's targets have no dots.
func CacheRef(registry, target string) string {
	if !strings.Contains(registry[strings.LastIndexByte(registry, '/')+1:], ":") {
		registry += ":latest"
	}
	return registry + "-" + strings.ReplaceAll(target, ".", "_")
}
