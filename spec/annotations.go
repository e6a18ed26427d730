package spec

import (
	"slices"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

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

// annotations checks that each has a key, levels that exist, and one value for each level.
func (v *validator) annotations(at keyPath, annotations map[string]string) {
	v.labels(at, annotations)
	first := map[string]string{}
	for key := range each(annotations) {
		levels, name := AnnotationLevels(key)
		if strings.TrimSpace(name) == "" && name != key {
			v.key(at.to(key), "bad-label", "", "%s has no key after its level", quote(key))
		}
		for _, level := range levels {
			if !slices.Contains(annotationLevels, level) {
				v.key(at.to(key), "bad-annotation", diag.Nearest(level, annotationLevels), "an annotation can't be on %s, only on %s", quote(level), strings.Join(annotationLevels, ", "))
				continue
			}
			if before, ok := first[level+":"+name]; ok {
				v.key(at.to(key), "bad-annotation", "", "%s is given for the %s by %s too", quote(name), level, quote(before))
			}
			first[level+":"+name] = key
		}
	}
}
