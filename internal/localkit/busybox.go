package localkit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// alpine is the release whose tags of the official image the toolchain with BusyBox stands for.
const alpine = "alpine3.22"

// PublishBusyBoxToolchain serves the toolchain with BusyBox, which the official image on Alpine has, and gives its
// reference. Shell steps of plain Dockerfiles run on it; xbuild's own need none.
func (k *Kit) PublishBusyBoxToolchain(ctx context.Context) (string, error) {
	t, small, err := k.hostImage(ctx)
	if err != nil {
		return "", err
	}
	if err := needPackage(ctx, k.log, "busybox", "busybox-static"); err != nil {
		return "", fmt.Errorf("no toolchain image with BusyBox: %w", err)
	}
	files, err := busybox(ctx)
	if err != nil {
		return "", err
	}
	layer, err := newLayer(files)
	if err != nil {
		return "", err
	}
	img, err := mutate.Append(small, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: epoch()}}})
	if err != nil {
		return "", err
	}
	ref := "golang:" + t.tags()[1] + "-" + alpine
	_, err = k.Registry.Push(ctx, "library/"+ref, img)
	return ref, err
}

// busybox are the program of this machine, which is static, and its names.
func busybox(ctx context.Context) (Files, error) {
	program, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	names, err := exec.CommandContext(ctx, program, "--list").Output()
	if err != nil {
		return nil, err
	}
	files := Files{"/bin/busybox": {Content: data, Mode: 0o755}}
	for _, name := range strings.Fields(string(names)) {
		if name != "busybox" {
			files["/bin/"+name] = File{Link: "busybox"}
		}
	}
	return files, nil
}
