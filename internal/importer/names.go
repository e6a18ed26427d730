package importer

import (
	"path"
	"strings"

	"github.com/acme/xbuild/spec"
)

// maxName is how long a name of a spec may be.
const maxName = 64

// binaryName makes a name that a binary may have of any text.
func binaryName(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, strings.TrimSuffix(s, ".exe"))
	s = strings.TrimLeft(s, "._-")
	if s = strings.TrimRight(s[:min(len(s), maxName)], "-"); s == "" {
		return "app"
	}
	return s
}

// imageName makes a name that an image may have of any text.
func imageName(s string) string {
	s = strings.ToLower(binaryName(s))
	if spec.IsBuiltinTarget(s) {
		s += "-image"
	}
	return s
}

// moduleName is the last element of a module's path that is no version.
func moduleName(module string) string {
	base := path.Base(module)
	if digits := strings.TrimPrefix(base, "v"); digits != base && digits != "" && strings.Trim(digits, "0123456789") == "" {
		base = path.Base(path.Dir(module))
	}
	if base == "." || base == "/" {
		return ""
	}
	return base
}

// mainDir gives a directory as a spec names it.
func mainDir(elems ...string) string {
	dir := path.Join(elems...)
	switch {
	case dir == "" || dir == ".":
		return "."
	case path.IsAbs(dir) || dir == ".." || strings.HasPrefix(dir, "../"):
		return dir
	}
	return "./" + dir
}

// repository is a reference without tag and digest.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		ref = ref[:i]
	}
	return ref
}

// addBinary adds a binary of a main package, under a name that is free, and gives that. It is
// "" when the spec can't have it.
func (d *draft) addBinary(p at, name, main string) string {
	if strings.HasSuffix(main, ".go") {
		main = mainDir(path.Dir(main))
		d.note(p, "note: ", "main is the directory of the file")
	}
	name = d.freeName(binaryName(name))
	if !d.set(p, "binaries."+name+": "+main, func(s *spec.Spec) { put(&s.Binaries, name, spec.Binary{Main: main}) }) {
		return ""
	}
	return name
}

// freeName gives the name, with a number after it when a binary has it.
func (d *draft) freeName(name string) string {
	if len(d.spec.Images) == 0 && spec.IsBuiltinTarget(name) {
		name += "-bin"
	}
	return free(name, func(s string) bool { _, ok := d.spec.Binaries[s]; return ok })
}

// free gives the first of name, name-2, name-3 that is not taken.
func free(name string, isTaken func(string) bool) string {
	for i, s := 2, name; ; i++ {
		if !isTaken(s) {
			return s
		}
		suffix := "-" + itoa(i)
		s = name[:min(len(name), maxName-len(suffix))] + suffix
	}
}
