package localkit

import (
	"context"
	"fmt"
	"io"
)

// emulators are QEMU's names of GOARCHs.
var emulators = map[string]string{
	"386": "i386", "amd64": "x86_64", "arm": "arm", "arm64": "aarch64", "mips64le": "mips64el",
	"ppc64le": "ppc64le", "riscv64": "riscv64", "s390x": "s390x",
}

// Emulator gives the program that runs static Linux programs of another architecture: what a
// build made is tried with it, nothing is built under it. It is installed where that takes only apt-get and root.
func Emulator(ctx context.Context, log io.Writer, goarch string) (string, error) {
	name, ok := emulators[goarch]
	if !ok {
		return "", fmt.Errorf("no emulator is known for %s", goarch)
	}
	program := "qemu-" + name + "-static"
	return program, needPackage(ctx, log, program, "qemu-user-static")
}
