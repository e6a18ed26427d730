package spec

import (
	"path"
	"regexp"
	"strings"
)

var driveRE = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// outside reports a path that leads out of the build context, and says so.
func (v *validator) outside(at keyPath, p string) bool {
	clean := path.Clean(strings.ReplaceAll(p, `\`, "/"))
	switch {
	case path.IsAbs(clean) || driveRE.MatchString(p):
		v.value(at, "outside-context", "", "%s is absolute; write it relative to the build context", quote(p))
	case clean == ".." || strings.HasPrefix(clean, "../"):
		v.value(at, "outside-context", "", "%s is outside of the build context", quote(p))
	default:
		return false
	}
	return true
}

// plainPath checks that a path of the build context names one file or directory
// in slash form.
func (v *validator) plainPath(at keyPath, rule, p string) {
	switch {
	case strings.Contains(p, `\`):
		v.value(at, rule, strings.ReplaceAll(p, `\`, "/"), "%s is not in slash form", quote(p))
	case strings.ContainsAny(p, "*?["):
		v.value(at, rule, "", "%s is a pattern, which is not supported; name a directory", quote(p))
	case strings.ContainsAny(p, "\x00\n\r"):
		v.value(at, rule, "", "%s holds a line break or a NUL", quote(p))
	}
}

// imagePath checks an absolute path in an image. One that ends in / is a directory.
func (v *validator) imagePath(at keyPath, p string) {
	clean := path.Clean("/" + p)
	if len(clean) > 1 && strings.HasSuffix(p, "/") {
		clean += "/"
	}
	switch {
	case strings.ContainsAny(p, "\x00\n\r"):
		v.value(at, "bad-path", "", "%s holds a line break or a NUL", quote(p))
	case !path.IsAbs(p):
		v.value(at, "bad-path", clean, "%s is not absolute", quote(p))
	case p != clean:
		v.value(at, "bad-path", clean, "%s is not a clean path", quote(p))
	}
}

// IsPattern reports whether a path of File.From stands for those that match it.
func IsPattern(p string) bool { return strings.ContainsAny(p, "*?[") }
