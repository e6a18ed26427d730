package importer

import (
	"slices"
	"strings"

	"github.com/acme/xbuild/spec"
)

// firstClass are the ports of Go that go_first_class stands for. https://go.dev/wiki/PortingPolicy
var firstClass = []string{
	"darwin/amd64", "darwin/arm64", "linux/386", "linux/amd64", "linux/arm/v6", "linux/arm64", "windows/386", "windows/amd64",
}

// matrixDefaults are GoReleaser's values of the keys that platforms come of.
// https://goreleaser.com/customization/builds/builders/go
var matrixDefaults = map[string][]string{
	"goos": {"darwin", "linux", "windows"}, "goarch": {"386", "amd64", "arm64"}, "goarm": {"6"}, "goamd64": {"v1"}, "goarm64": {"v8.0"},
}

// maxMatrix is how many platforms one build may have.
const maxMatrix = 500

// maxPairs is how many pairs of an OS and an architecture a build may name, those that Go has
// none of included.
const maxPairs = 4096

// matrix gives the platforms of a build.
func (r *releaser) matrix(n node) (out []string) {
	if targets, ok := n.get("targets"); ok {
		return r.targets(targets)
	}
	ignore, _ := n.get("ignore")
	oses, arches := r.values(n, "goos"), r.values(n, "goarch")
	if len(oses)*len(arches) > maxPairs {
		r.lost(n.at, "it names too many platforms")
		return nil
	}
	for _, os := range oses {
		for _, arch := range arches {
			for _, level := range r.levelsOf(n, arch) {
				name := platformName(os, arch, level)
				switch _, err := spec.ParsePlatform(name); {
				case len(out) >= maxMatrix || ignored(ignore, os, arch, level) || slices.Contains(out, name):
				case err == nil:
					out = append(out, name)
				case explicit(n):
					r.dropped(n.sub(" %s", name), "%v", err)
				}
			}
		}
	}
	return out
}

// explicit reports whether a build says itself what it is for.
func explicit(n node) bool {
	_, os := n.get("goos")
	_, arch := n.get("goarch")
	return os && arch
}

// values gives those of a key of the matrix.
func (r *releaser) values(n node, key string) (out []string) {
	list, ok := n.get(key)
	if !ok {
		return matrixDefaults[key]
	}
	for _, c := range list.items() {
		s, err := r.template(c.at, c.Value)
		if err != nil || c.Kind == yamlMapping {
			r.lost(c.at, "it is no plain text")
			continue
		}
		out = append(out, s)
	}
	return out
}

func (r *releaser) levelsOf(n node, arch string) []string {
	switch arch {
	case "arm", "amd64", "arm64":
		return r.values(n, "go"+arch)
	}
	return []string{""}
}

// platformName gives os/arch[/variant] for a level of the architecture.
func platformName(os, arch, level string) string {
	switch {
	case arch == "arm" && level != "":
		return os + "/arm/v" + level
	case arch == "amd64" && level == "v1", arch == "arm64" && level == "v8.0":
	case arch == "amd64" && level != "":
		return os + "/amd64/" + level
	case arch == "arm64" && level != "":
		return os + "/arm64/" + strings.TrimSuffix(level, ".0")
	}
	return os + "/" + arch
}

// ignored reports whether an element of ignore is for the platform.
func ignored(ignore node, os, arch, level string) bool {
	for _, i := range ignore.items() {
		is := func(key, value string) bool { s := i.text(key); return s == "" || s == value }
		if i.Kind == yamlMapping && is("goos", os) && is("goarch", arch) && is("go"+arch, level) {
			return true
		}
	}
	return false
}

// targets gives the platforms of os_arch[_level].
func (r *releaser) targets(n node) (out []string) {
	for _, c := range r.texts(n) {
		if strings.HasPrefix(c.Value, "go_") && strings.HasSuffix(c.Value, "first_class") {
			for _, name := range firstClass {
				if !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
			continue
		}
		parts := append(strings.SplitN(c.Value, "_", 3), "", "")
		if parts[1] == "arm" && parts[2] == "" {
			parts[2] = "6"
		}
		name := platformName(parts[0], parts[1], parts[2])
		if _, err := spec.ParsePlatform(name); err != nil {
			r.lost(c.at, "%v", err)
		} else if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
