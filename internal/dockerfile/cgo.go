package dockerfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/acme/xbuild/plan"
)

// checkCC refuses C compilers that a Dockerfile is not written for.
func (e *emitter) checkCC(s plan.CC) {
	switch {
	case s.CC != "" && s.CC != "gcc":
		e.unsaid(s.Pos, "a Dockerfile is written for gcc of Debian, not for cgo.cc: %s", s.CC)
	case s.GNU == "":
		e.unsaid(s.Pos, "Debian has no gcc for %s/%s", s.Platform.OS, s.Platform.Architecture)
	case s.Snapshot != "":
		e.unsaid(s.Pos, "a Dockerfile is not written for cgo.snapshot")
	}
}

// cc is the stage with a C compiler for the target, which runs on the build platform.
func (e *emitter) cc(p *plan.Plan, ids across) string {
	stages := each(p, ids, func(_ int, c plan.CC) *stage {
		s := &stage{from: e.toolchain(p)}
		packages, native := packagesOf(c)
		install := func(packages []string) string {
			return "apt-get install -y --no-install-recommends " + wrap(e.words(packages), "      ")
		}
		commands := []string{}
		if len(c.Libs) > 0 {
			commands = append(commands, "dpkg --add-architecture "+c.Debian)
		}
		commands = append(commands, "apt-get update")
		if len(native) == 0 {
			commands = append(commands, fmt.Sprintf(`if [ "$(dpkg --print-architecture)" != %s ]; then %s; fi`, c.Debian, install(packages)))
		} else {
			commands = append(commands, fmt.Sprintf(`if [ "$(dpkg --print-architecture)" != %s ]; then %s; else %s; fi`, c.Debian, install(packages), install(native)))
		}
		s.run(nil, append(commands, "rm -rf /var/lib/apt/lists/*")...)
		s.env([]string{"CC=" + c.GNU + "-gcc", "CXX=" + c.GNU + "-g++", "AR=" + c.GNU + "-ar"})
		if len(c.Libs) > 0 {
			s.env([]string{"PKG_CONFIG_LIBDIR=/usr/lib/" + strings.Replace(c.GNU, "i686-", "i386-", 1) + "/pkgconfig:/usr/share/pkgconfig"})
		}
		return s
	})
	return e.stage("cc", "A C compiler for the target, and C libraries.", platformsOf(p), stages)
}

// packagesOf are the packages to install where the build platform is another one than the target,
// and where it is the same: an official image has its own compiler.
func packagesOf(c plan.CC) (cross, native []string) {
	gnu := strings.ReplaceAll(c.GNU, "_", "-")
	cross = []string{"gcc-" + gnu, "libc6-dev-" + c.Debian + "-cross"}
	for _, p := range c.Packages {
		native = append(native, p)
		if p == "g++" {
			p += "-" + gnu
		}
		cross = append(cross, p)
	}
	for _, lib := range c.Libs {
		name, version, pinned := strings.Cut(lib, "=")
		native = append(native, lib)
		name += ":" + c.Debian
		if pinned {
			name += "=" + version
		}
		cross = append(cross, name)
	}
	if len(c.Libs) > 0 && !slices.Contains(cross, "pkg-config") {
		cross, native = append(cross, "pkg-config"), append(native, "pkg-config")
	}
	return cross, native
}
