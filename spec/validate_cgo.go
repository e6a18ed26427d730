package spec

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	packageRE  = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+(=[A-Za-z0-9.+:~-]+)?$`)
	compilerRE = regexp.MustCompile(`^[A-Za-z0-9_/.][A-Za-z0-9_/.+-]*$`)
	snapshotRE = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z$`)
)

// cgo checks how C is compiled; nil is a build that does not say.
func (v *validator) cgo(at keyPath, c *CGo) {
	if c == nil {
		return
	}
	if c.CC != "" && !compilerRE.MatchString(c.CC) {
		first, _, _ := strings.Cut(strings.TrimSpace(c.CC), " ")
		v.value(at.to("cc"), "bad-cc", oneOf(first, compilerRE.MatchString), "%s is not one program: gcc, clang, zig, or a name or path in the toolchain's image", quote(c.CC))
	}
	v.packages(at.to("packages"), c.Packages)
	v.packages(at.to("libs"), c.Libs)
	if c.Snapshot != "" && !isSnapshot(c.Snapshot) {
		v.value(at.to("snapshot"), "bad-snapshot", snapshotHint(c.Snapshot), "%s is not a time of snapshot.debian.org, as 20260801T000000Z", quote(c.Snapshot))
	}
}

// packages checks names of Debian packages.
func (v *validator) packages(at keyPath, names []string) {
	for i, name := range names {
		if words := strings.Fields(name); len(words) > 1 {
			v.value(at.to(i), "bad-package", "", "%s is %d packages%s", quote(name), len(words), asList(name))
		} else if !packageRE.MatchString(name) {
			hint := oneOf(strings.ToLower(name), packageRE.MatchString)
			v.value(at.to(i), "bad-package", hint, "%s is not a package of Debian, as libsqlite3-dev or zlib1g-dev=1:1.3.1", quote(name))
		}
	}
}

const snapshotLayout = "20060102T150405Z"

func isSnapshot(s string) bool {
	_, err := time.Parse(snapshotLayout, s)
	return err == nil && snapshotRE.MatchString(s)
}

// snapshotHint gives a date, or a time in another form, as a snapshot is named.
func snapshotHint(s string) string {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime, "20060102", "20060102150405"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format(snapshotLayout)
		}
	}
	return ""
}

// cgoModes are the build modes of which the go command makes nothing without cgo.
var cgoModes = []string{"c-archive", "c-shared", "plugin"}

// needsCGo checks that a binary, which is at at, has cgo on where something needs it.
func (v *validator) needsCGo(at keyPath, b Binary) {
	cgo := cmp.Or(b.CGo, v.Build.CGo)
	if cgo != nil && cgo.Enabled || v.broken(at.to("cgo")) || v.broken(keyPath{"build", "cgo"}) {
		return
	}
	v.cgoFlags(keyPath{"build", "flags"}, v.Build.Flags)
	v.cgoFlags(at.to("flags"), b.Flags)
	for i, o := range b.Overrides {
		v.cgoFlags(at.to("overrides", i, "flags"), o.Flags)
	}
	modeAt := at.to("buildmode")
	if b.BuildMode == "" {
		modeAt = keyPath{"build", "buildmode"}
	}
	if mode := cmp.Or(b.BuildMode, v.Build.BuildMode); slices.Contains(cgoModes, mode) {
		v.value(modeAt, "needs-cgo", "", "build mode %s needs cgo: true", quote(mode))
	}
}

// cgoFlags reports the flags of go build that need cgo.
func (v *validator) cgoFlags(at keyPath, flags []string) {
	for i, f := range flags {
		name, value, _ := flagName(f)
		if (name == "race" || name == "msan" || name == "asan") && !strings.EqualFold(value, "false") && value != "0" {
			v.value(at.to(i), "needs-cgo", "", "-%s needs cgo: true", name)
		}
	}
}
