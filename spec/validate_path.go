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

// slashPath checks the form of a path, which may be a pattern, and reports whether it is good.
func (v *validator) slashPath(at keyPath, rule, p string) bool {
	switch {
	case !v.untemplated(at, p):
	case p == "":
		v.value(at, rule, "", "the path is empty")
	case strings.Contains(p, `\`):
		v.value(at, rule, strings.ReplaceAll(p, `\`, "/"), "%s is not in slash form", quote(p))
	case strings.ContainsAny(p, "\x00\n\r"):
		v.value(at, rule, "", "%s holds a line break or a NUL", quote(p))
	default:
		return true
	}
	return false
}

// plainPath checks that a path of the build context names one file or directory.
func (v *validator) plainPath(at keyPath, rule, p string) {
	if v.slashPath(at, rule, p) && IsPattern(p) {
		v.value(at, rule, "", "%s is a pattern, which is not supported; name one path", quote(p))
	}
}

func pathFlaw(p string) flaw {
	clean := path.Clean("/" + p)
	if len(clean) > 1 && strings.HasSuffix(p, "/") {
		clean += "/"
	}
	switch {
	case strings.ContainsAny(p, "\x00\n\r"):
		return flaw{quote(p) + " holds a line break or a NUL", ""}
	case !path.IsAbs(p):
		return flaw{quote(p) + " is not absolute", clean}
	case p != clean:
		return flaw{quote(p) + " is not a clean path", clean}
	}
	return flaw{}
}

// filePathFlaw says what is wrong with a path in an image that a file has.
func filePathFlaw(p string) flaw {
	if f := pathFlaw(p); f.msg != "" || !strings.HasSuffix(p, "/") {
		return f
	}
	return flaw{quote(p) + " is a directory, not a file", strings.TrimSuffix(p, "/")}
}

// imagePath checks an absolute path in an image. One that ends in / is a directory.
func (v *validator) imagePath(at keyPath, p string) {
	if v.untemplated(at, p) {
		v.flaw(at, "bad-path", pathFlaw(p))
	}
}

// IsPattern reports whether a path of File.From stands for those that match it.
func IsPattern(p string) bool { return strings.ContainsAny(p, "*?[") }
