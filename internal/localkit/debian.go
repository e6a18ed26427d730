package localkit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// The Debian below the toolchain: the one below the official golang image of that suite.
const (
	debianSuite  = "bookworm"
	debianMirror = "http://deb.debian.org/debian"
)

// debianPackages are those of the official image, without what it has from Mercurial and Subversion.
var debianPackages = []string{"ca-certificates", "g++", "gcc", "git", "libc6-dev", "make", "openssh-client", "pkg-config"}

// debianVersion changes when the same packages are packed differently.
const debianVersion = "1"

// PublishDebianToolchain serves the toolchain on Debian, with a C compiler, git and ssh, under the tags of the
// official golang image that have no -alpine. The first call on a machine takes a minute or two, root and debootstrap, which is
// installed where that takes only apt-get.
func (k *Kit) PublishDebianToolchain(ctx context.Context) error {
	if err := k.publishDebianToolchain(ctx); err != nil {
		return fmt.Errorf("no Debian toolchain image: %w", err)
	}
	return nil
}

func (k *Kit) publishDebianToolchain(ctx context.Context) error {
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	t, err := hostToolchain(ctx)
	if err != nil {
		return err
	}
	d := debian{arch: t.GOARCH, bundle: t.bundle, apt: hostApt(ctx)}
	base, err := k.Registry.cachedImage(ctx, cache, d.key(), func(dir string) (v1.Image, error) { return d.image(ctx, k.log, dir) })
	if err != nil {
		return err
	}
	small, err := k.Registry.toolchainImage(ctx, k.log, cache, t)
	if err != nil {
		return err
	}
	layers, err := small.Layers()
	if err != nil {
		return err
	}
	img, err := mutate.Append(base, mutate.Addendum{Layer: layers[len(layers)-1], History: v1.History{Created: v1.Time{Time: epoch()}}})
	if err != nil {
		return err
	}
	if img, err = mutate.Config(img, t.config()); err != nil {
		return err
	}
	for _, tag := range t.tags() {
		if _, err := k.Registry.Push(ctx, "library/golang:"+tag, img); err != nil {
			return err
		}
	}
	return nil
}

// debian is a Debian root file system in which apt-get works as it does on this machine.
type debian struct {
	arch   string // GOARCH
	bundle []byte // CA certificates, PEM
	apt    string // apt.conf
}

// hostApt is how this machine's apt-get reaches its mirrors: through which proxies, and
// whether it takes lists that have expired. It is "" without apt.
func hostApt(ctx context.Context) string {
	cmd := exec.CommandContext(ctx, "apt-config", "dump", "--format", `%F "%v";%n`,
		"Acquire::http", "Acquire::https", "Acquire::Check-Valid-Until", "Acquire::Check-Date")
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	var set strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasSuffix(strings.TrimSpace(line), `"";`) {
			set.WriteString(line)
		}
	}
	return set.String()
}

func (d debian) key() string {
	h := sha256.New()
	fmt.Fprintln(h, debianVersion, debianSuite, debianMirror, d.arch, debianPackages, d.apt)
	h.Write(d.bundle)
	return fmt.Sprintf("debian-%s-%s-%x", debianSuite, d.arch, h.Sum(nil)[:8])
}

// sources is what the official image has in /etc/apt/sources.list.d/debian.sources.
func (d debian) sources() string {
	const stanza = "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
	return fmt.Sprintf(stanza, debianMirror, debianSuite+" "+debianSuite+"-updates") + "\n" +
		fmt.Sprintf(stanza, debianMirror+"-security", debianSuite+"-security")
}

func (d debian) image(ctx context.Context, log io.Writer, dir string) (v1.Image, error) {
	if err := needPackage(ctx, log, "debootstrap", "debootstrap"); err != nil {
		return nil, err
	}
	const label = "Debian toolchain image"
	fmt.Fprintf(log, "%s: making it with debootstrap (about 1 minute, once)\n", label)
	start := time.Now()
	stop := heartbeat(log, label+": still at it")
	defer stop()
	root := filepath.Join(dir, "root")
	// In mount namespaces of its own, so that nothing stays mounted whatever happens.
	bootstrap := exec.CommandContext(ctx, "unshare", "--mount", "debootstrap", "--variant=minbase", "--arch="+debianArch(d.arch),
		"--include="+strings.Join(debianPackages, ","), debianSuite, root, debianMirror)
	if err := run(bootstrap); err != nil {
		return nil, err
	}
	for name, content := range map[string]string{
		"etc/apt/sources.list":                  "",
		"etc/apt/sources.list.d/debian.sources": d.sources(),
		"etc/apt/apt.conf.d/99host":             d.apt,
		"etc/ssl/certs/ca-certificates.crt":     string(d.bundle),
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "go"), 0o755); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "debian.tar.gz")
	args := []string{"-C", root, "--sort=name", "--mtime=@0", "--numeric-owner", "--use-compress-program=gzip -1n", "-cf", file}
	for _, skip := range []string{"dev/*", "proc/*", "sys/*", "tmp/*", "debootstrap", "var/cache/*", "var/lib/apt/lists/*", "var/log/*",
		"usr/share/doc/*", "usr/share/man/*", "usr/share/locale/*"} {
		args = append(args, "--exclude=./"+skip)
	}
	if err := run(exec.CommandContext(ctx, "tar", append(args, ".")...)); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromFile(file, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	img, err := NewImage("linux/"+d.arch, v1.Config{})
	if err != nil {
		return nil, err
	}
	stop()
	fmt.Fprintf(log, "%s: made in %s\n", label, time.Since(start).Round(time.Second))
	return mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: epoch()}}})
}

// debianArch is Debian's name of a GOARCH.
func debianArch(goarch string) string {
	switch goarch {
	case "386":
		return "i386"
	case "arm":
		return "armhf"
	case "mips64le":
		return "mips64el"
	case "ppc64le":
		return "ppc64el"
	default:
		return goarch
	}
}

// needPackage makes sure that a program of a Debian package is on the PATH.
func needPackage(ctx context.Context, log io.Writer, program, pkg string) error {
	if _, err := exec.LookPath(program); err == nil {
		return nil
	}
	if err := install(ctx, log, pkg); err != nil {
		return fmt.Errorf("install %s (Debian: %s): %w", program, pkg, err)
	}
	return nil
}

var errNoApt = errors.New("here it is not installed without asking: that takes apt-get and root")

// install installs Debian packages on this machine.
func install(ctx context.Context, log io.Writer, packages ...string) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return errNoApt
	}
	fmt.Fprintf(log, "installing %s\n", strings.Join(packages, ", "))
	try := func() error {
		cmd := exec.CommandContext(ctx, apt, append([]string{"install", "-y", "--no-install-recommends"}, packages...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		return run(cmd)
	}
	if try() == nil {
		return nil
	}
	if err := run(exec.CommandContext(ctx, apt, "update")); err != nil {
		return err
	}
	return try()
}
