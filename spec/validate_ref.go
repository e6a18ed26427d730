package spec

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
)

func imageFlaw(s string) flaw {
	if s == "scratch" {
		return flaw{}
	}
	if _, err := reference.ParseNormalizedNamed(s); err != nil {
		return flaw{fmt.Sprintf("%s is not an image reference: %s", quote(s), refReason(s, err)), refHint(s)}
	}
	return flaw{}
}

// image checks the reference of an image that is pulled.
func (v *validator) image(at keyPath, s string) {
	if !IsTemplate(s) {
		v.flaw(at, "bad-image", imageFlaw(s))
	}
}

func toolchainFlaw(s string) flaw {
	if s == "scratch" {
		return flaw{`"scratch" has no go command; name an image that has one`, ""}
	}
	return imageFlaw(s)
}

func (v *validator) cache() {
	v.written(keyPath{"cache", "registry"}, v.Cache.Registry, "cache")
	v.written(keyPath{"cache", "seed"}, v.Cache.Seed, "seed")
}

// written checks the reference of what builds push.
func (v *validator) written(at keyPath, s, what string) {
	if s == "" || !v.untemplated(at, s) {
		return
	}
	ref, err := reference.ParseNormalizedNamed(s)
	if err != nil {
		v.value(at, "bad-ref", refHint(s), "%s is not a registry reference: %s", quote(s), refReason(s, err))
		return
	}
	if _, ok := ref.(reference.Digested); ok {
		name, _, _ := strings.Cut(s, "@")
		v.value(at, "bad-ref", name, "%s has a digest; a %s is written again and again, under a tag", quote(s), what)
	}
}

// refReason says what is wrong with a reference, in the library's words where
// they are plain.
func refReason(s string, err error) string {
	switch {
	case strings.Contains(s, "://"):
		return "a reference has no scheme"
	case err.Error() == reference.ErrReferenceInvalidFormat.Error(), len(s) > 100:
		return "want host/name:tag or host/name@digest"
	default:
		return strings.TrimPrefix(err.Error(), reference.ErrReferenceInvalidFormat.Error()+": ")
	}
}

// refHint gives the reference without a scheme and in lower case when that is one.
func refHint(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	name, tag := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, '/') {
		name, tag = s[:i], s[i:]
	}
	return oneOf(strings.ToLower(name)+tag, func(s string) bool {
		_, err := reference.ParseNormalizedNamed(s)
		return err == nil
	})
}
