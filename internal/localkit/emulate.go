package localkit

import (
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// binfmt is where Linux is told which program runs the files of another architecture.
// https://docs.kernel.org/admin-guide/binfmt-misc.html
const binfmt = "/proc/sys/fs/binfmt_misc"

// machines are the architectures that can be emulated for a daemon, both of 64 bits and little-endian.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// Emulate has this machine run the programs of another architecture under QEMU, in every container too, until undo is called: a process
// that is killed leaves it so. Where that is so already, nothing changes. It fails with [ErrUnsupported] where the kernel can't.
func Emulate(ctx context.Context, log io.Writer, goarch string) (undo func() error, err error) {
	machine, ok := machines[goarch]
	if !ok {
		return nil, fmt.Errorf("no emulation is known for %s", goarch)
	}
	unmount, err := mountBinfmt(ctx)
	if err != nil {
		return nil, err
	}
	forget, err := register(ctx, log, goarch, machine)
	if err != nil {
		return nil, errors.Join(err, unmount())
	}
	return func() error { return errors.Join(forget(), unmount()) }, nil
}

func nothing() error { return nil }

// mountBinfmt makes the rules accessible, where they are not.
func mountBinfmt(ctx context.Context) (unmount func() error, err error) {
	if _, err := os.Stat(filepath.Join(binfmt, "register")); err == nil {
		return nothing, nil
	}
	if err := run(exec.CommandContext(ctx, "mount", "-t", "binfmt_misc", "binfmt_misc", binfmt)); err != nil {
		return nil, fmt.Errorf("%w: no binfmt_misc: %w", ErrUnsupported, err)
	}
	undo := context.WithoutCancel(ctx)
	return func() error { return run(exec.CommandContext(undo, "umount", binfmt)) }, nil
}

// register adds a rule for the programs of an architecture, where there is none.
func register(ctx context.Context, log io.Writer, goarch string, machine elf.Machine) (forget func() error, err error) {
	magic := magicOf(machine)
	if emulated, err := handled(binfmt, magic); err != nil || emulated {
		return nothing, err
	}
	emulator, err := Emulator(ctx, log, goarch)
	if err != nil {
		return nil, err
	}
	if emulator, err = exec.LookPath(emulator); err != nil {
		return nil, err
	}
	// The mask allows any OS ABI, and ET_DYN beside ET_EXEC. F opens the emulator now: containers needn't have it.
	const mask = `\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`
	name := "xbuild-" + goarch
	rule := fmt.Sprintf(":%s:M::%s:%s:%s:F", name, magic, mask, emulator)
	if err := os.WriteFile(filepath.Join(binfmt, "register"), []byte(rule), 0o200); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return func() error { return os.WriteFile(filepath.Join(binfmt, name), []byte("-1"), 0o200) }, nil
}

// magicOf is what programs of an architecture begin with, as rules are written.
func magicOf(m elf.Machine) string {
	return fmt.Sprintf(`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x%02x\x00`, byte(m))
}

// handled reports whether one of the rules in dir is for the files that begin with magic.
func handled(dir, magic string) (bool, error) {
	rules, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return false, err
	}
	want := "magic " + strings.ReplaceAll(strings.ReplaceAll(magic, "ELF", "454c46"), `\x`, "") + "\n"
	for _, rule := range rules {
		text, err := os.ReadFile(rule)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
			continue
		}
		if err == nil && strings.HasPrefix(string(text), "enabled\n") && strings.Contains(string(text), want) {
			return true, nil
		}
	}
	return false, nil
}

// PublishToolchainFor serves an image of the machine's version of Go for linux on two architectures, its own and another:
// steps on it are emulated where they are of the other. The image is named as those of the Docker Hub are: golang:1.26-native.
func (k *Kit) PublishToolchainFor(ctx context.Context, name, goarch string) error {
	own, img, err := k.hostImage(ctx)
	if err != nil {
		return err
	}
	cache, err := CacheDir()
	if err != nil {
		return err
	}
	other, err := own.moduleFor(ctx, goarch)
	if err != nil {
		return err
	}
	foreign, err := k.Registry.toolchainImage(ctx, k.log, cache, other)
	if err != nil {
		return err
	}
	index, err := NewIndex(img, foreign)
	if err != nil {
		return err
	}
	_, err = k.Registry.Push(ctx, "library/"+name, index)
	return err
}

// moduleFor is the same version in the module that the go command would download it as on another machine.
// https://go.dev/doc/toolchain
func (t toolchain) moduleFor(ctx context.Context, goarch string) (toolchain, error) {
	version, _, _ := strings.Cut(t.GOVERSION, " ")
	out, err := goCommand(ctx, os.TempDir(), "mod", "download", "-json", "golang.org/toolchain@v0.0.1-"+version+".linux-"+goarch)
	if err != nil {
		return toolchain{}, err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &module); err != nil {
		return toolchain{}, err
	}
	return toolchain{GOROOT: module.Dir, GOVERSION: version, GOOS: "linux", GOARCH: goarch, bundle: t.bundle}, nil
}
