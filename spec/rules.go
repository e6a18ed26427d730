package spec

// Rule is a kind of mistake.
type Rule struct {
	Name string // stable: it ends every message, in brackets
	Doc  string // what is wrong, in one line
}

// Rules are all kinds of mistakes that [Parse] and [Spec.Validate] report, by name.
var Rules = []Rule{
	{"alias-cycle", "An alias is inside of the value that it stands for."},
	{"bad-buildmode", "A buildmode that does not exist or is not supported."},
	{"bad-command", "An entrypoint or cmd that begins with an empty word, or holds a NUL."},
	{"bad-env", "A variable whose name or value can't be in an environment."},
	{"bad-flag", "An element of flags, ldflags, gcflags or asmflags that is no flag."},
	{"bad-image", "Not a reference of an image."},
	{"bad-label", "A label or annotation without a key."},
	{"bad-level", "A value that a key such as goamd64 does not have."},
	{"bad-main", "main is not one directory: it is a file or a pattern."},
	{"bad-mode", "A file's mode is not 3 or 4 octal digits."},
	{"bad-name", "A name that can't be a file's name or a target's."},
	{"bad-path", "A path that is not absolute, not clean, or a pattern."},
	{"bad-platform", "Not an os/arch[/variant] that Go can build for."},
	{"bad-port", "Not a port or range of ports."},
	{"bad-ref", "Not a reference that a cache can be written to."},
	{"bad-signal", "Not a signal of Linux."},
	{"bad-tag", "An element of tags that is not one build tag."},
	{"bad-user", "Not a user[:group]."},
	{"bad-version", "Not a version of Go."},
	{"duplicate-binary", "An image lists a binary twice."},
	{"duplicate-key", "A mapping has a key twice."},
	{"duplicate-path", "Two things have the same path in an image."},
	{"duplicate-platform", "A platform is listed twice, perhaps by different names."},
	{"empty-list", "A list without elements."},
	{"empty-mapping", "A mapping without keys."},
	{"empty-value", "A key or an element without a value."},
	{"many-documents", "A file with more than one YAML document."},
	{"missing-binaries", "It is not clear which binaries an image has."},
	{"missing-entrypoint", "It is not clear which of its binaries an image starts."},
	{"missing-key", "A key that is required."},
	{"missing-main", "A binary without the directory of its main package."},
	{"needs-cgo", "A flag that works only with cgo."},
	{"not-text", "A file that is not UTF-8 text."},
	{"oldest-go", "A version of Go that is too old."},
	{"outside-context", "A path that is not in the build context."},
	{"reserved-env", "A variable that xbuild sets itself."},
	{"reserved-flag", "A flag that xbuild sets itself, or that a build can't have."},
	{"reserved-name", "An image that is named like a target that every spec has."},
	{"too-deep", "Lists and mappings inside each other beyond any use."},
	{"too-large", "A file, or what its aliases stand for, beyond any use."},
	{"too-many-mistakes", "How many mistakes are not shown."},
	{"too-many-nodes", "More values, repeated by aliases or not, than any use needs."},
	{"unknown-binary", "A name that no binary has."},
	{"unknown-image", "A name that no image has."},
	{"unknown-key", "A key that has no meaning where it stands."},
	{"unknown-tag", "A YAML tag that has no meaning in a spec."},
	{"wrong-type", "A value of another kind than the key takes."},
	{"yaml-syntax", "Not YAML."},
}
