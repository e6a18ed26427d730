package gostep

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// apt installs Debian packages in a root file system.
type apt struct {
	root   string // that of the file system
	stderr io.Writer
}

// install installs packages, some of which may be of the foreign architecture, as they were at
// the time of a snapshot. It leaves no lists, archives and logs, which would differ with every run.
func (a apt) install(foreign, snapshot string, packages []string) error {
	options := []string{"-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0", "-qq"}
	if snapshot != "" {
		if err := a.useSnapshot(snapshot); err != nil {
			return err
		}
		options = append(options, "--allow-downgrades")
	}
	if foreign != "" {
		if err := a.run("dpkg", "--add-architecture", foreign); err != nil {
			return err
		}
	}
	if err := a.run("apt-get", append(options, "update")...); err != nil {
		return err
	}
	words := append(append(options, "install", "-y", "--no-install-recommends", "--"), packages...)
	if err := a.run("apt-get", words...); err != nil {
		return err
	}
	return a.clean()
}

func (a apt) run(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	cmd.Stdout, cmd.Stderr = a.stderr, a.stderr
	return cmd.Run()
}

// leftovers are what dpkg, apt and ldconfig write for themselves.
var leftovers = []string{
	"var/lib/apt/lists/*", "var/cache/apt/*.bin", "var/cache/apt/archives/*.deb", "var/cache/debconf/*-old", "var/cache/ldconfig/aux-cache",
	"var/lib/dpkg/*-old", "var/log/apt/*", "var/log/dpkg.log", "var/log/alternatives.log",
}

func (a apt) clean() error {
	for _, pattern := range leftovers {
		names, err := filepath.Glob(filepath.Join(a.root, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// useSnapshot makes Debian's archive at one time the only source of packages, and its
// versions the ones to take even where the image has newer ones.
func (a apt) useSnapshot(snapshot string) error {
	release, err := os.ReadFile(filepath.Join(a.root, "etc/os-release"))
	if err != nil {
		return err
	}
	sources, err := snapshotSources(string(release), snapshot)
	if err != nil {
		return err
	}
	dir := filepath.Join(a.root, "etc/apt")
	for _, pattern := range []string{"sources.list", "sources.list.d/*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "sources.list"), []byte(sources), 0o644),
		os.WriteFile(filepath.Join(dir, "preferences.d", "snapshot"), []byte("Package: *\nPin: origin snapshot.debian.org\nPin-Priority: 1001\n"), 0o644),
	)
}

// snapshotSources is a sources.list of Debian's archive at a time. release is an os-release.
// https://snapshot.debian.org
func snapshotSources(release, snapshot string) (string, error) {
	set := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(release)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		set[key] = strings.Trim(value, `"'`)
	}
	suite := set["VERSION_CODENAME"]
	if set["ID"] != "debian" || suite == "" {
		return "", fmt.Errorf("a snapshot is of a release of Debian, the toolchain image is %q", set["PRETTY_NAME"])
	}
	line := func(archive, suite string) string {
		return fmt.Sprintf("deb [check-valid-until=no] http://snapshot.debian.org/archive/%s/%s %s main\n", archive, snapshot, suite)
	}
	return line("debian", suite) + line("debian", suite+"-updates") + line("debian-security", suite+"-security"), nil
}
