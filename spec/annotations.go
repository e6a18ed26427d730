package spec

import "strings"

// annotationLevels are what an annotation may be on, as buildx names them.
// https://docs.docker.com/build/metadata/annotations/#specify-annotation-level
var annotationLevels = []string{"manifest", "index", "manifest-descriptor", "index-descriptor"}

// AnnotationLevels parts a key of Image.Annotations, as index,manifest:a.b, into what the
// annotation is on and its own key. Without levels it is on the manifest.
func AnnotationLevels(key string) (levels []string, name string) {
	before, after, ok := strings.Cut(key, ":")
	if !ok {
		return []string{"manifest"}, key
	}
	return strings.Split(before, ","), after
}

// IsTemplate reports whether text holds something to fill in, as {{.Version}}.
func IsTemplate(s string) bool { return strings.Contains(s, "{{") }
