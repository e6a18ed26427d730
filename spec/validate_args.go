package spec

import (
	"slices"
	"strings"
)

// args checks the build args that a request may set.
func (v *validator) args() {
	for name, value := range each(v.Args) {
		at := keyPath{"args", name}
		if !toolEnvRE.MatchString(name) {
			v.key(at, "bad-arg", "", "%s can't name a build arg: %s", quote(name), toolEnvForm)
		}
		if instead := reservedArg(name); instead != "" {
			v.key(at, "reserved-arg", "", "%s can't be an arg of the spec: %s", name, instead)
		}
		if strings.ContainsRune(value, 0) {
			v.value(at, "bad-arg", "", "the value of %s holds a NUL", quote(name))
		}
		v.untemplated(at, value)
	}
}

var proxyArgs = []string{"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"}

// reservedArg says what a build arg means in every build, "" when it has no meaning of
// its own.
func reservedArg(name string) string {
	switch {
	case name == "VERSION":
		return "it is what {{.Version}} stands for"
	case name == "SOURCE_DATE_EPOCH":
		return "it is the time of every file, and {{.Date}}"
	case strings.HasPrefix(name, "BUILDKIT_"):
		return "BuildKit reads it"
	case strings.HasPrefix(name, "TARGET"), slices.Contains([]string{"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"}, name):
		return "the platform decides it; use {{.OS}}, {{.Arch}} and {{.Variant}}"
	case slices.Contains(proxyArgs, strings.ToUpper(name)):
		return "it is the network's"
	}
	return ""
}
