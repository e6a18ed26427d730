package localkit

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestPackModule holds that the module of a toolchain becomes a distribution: its programs can be executed, and its modules are some.
func TestPackModule(t *testing.T) {
	root := t.TempDir()
	for name, want := range map[string]int64{"bin/go": 0o755, "pkg/tool/linux_arm64/link": 0o755, "src/_go.mod": 0o644, "src/fmt/print.go": 0o644} {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o444); err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		if err := (toolchain{GOROOT: root}).pack(&packed); err != nil {
			t.Fatal(err)
		}
		if got := modes(t, &packed)["usr/local/go/"+unmasked(name)]; got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
	if got := unmasked("src/_go.mod"); got != "src/go.mod" {
		t.Errorf("src/_go.mod is %s", got)
	}
}

// modes are those of the files of a layer, by path.
func modes(t *testing.T, layer io.Reader) map[string]int64 {
	t.Helper()
	unpacked, err := gzip.NewReader(layer)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for r := tar.NewReader(unpacked); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all[h.Name] = h.Mode
	}
}

// TestMountBinfmt holds that the rules are as accessible after as they were before.
func TestMountBinfmt(t *testing.T) {
	mounted := func() bool {
		_, err := os.Stat(filepath.Join(binfmt, "register"))
		return err == nil
	}
	before := mounted()
	undo, err := mountBinfmt(t.Context())
	if errors.Is(err, ErrUnsupported) {
		return // the kernel has none, or we are not root
	}
	if err != nil || !mounted() {
		t.Fatalf("mounted: %v, %v", mounted(), err)
	}
	if err := undo(); err != nil || mounted() != before {
		t.Errorf("mounted: %v, before %v, %v", mounted(), before, err)
	}
}

func TestHandled(t *testing.T) {
	for text, want := range map[string]bool{
		"enabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: F\noffset 0\nmagic 7f454c460201010000000000000000000200b700\nmask ffffffffffffff00fffffffffffffffffeffffff\n": true,
		"disabled\ninterpreter /usr/bin/qemu-aarch64-static\nflags: F\noffset 0\nmagic 7f454c460201010000000000000000000200b700\n":                                               false,
		"enabled\ninterpreter /usr/bin/qemu-riscv64-static\nflags: F\noffset 0\nmagic 7f454c460201010000000000000000000200f300\n":                                                false,
		"enabled\n": false, // of the file status
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "rule"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := handled(dir, magicOf(elf.EM_AARCH64)); err != nil || got != want {
			t.Errorf("%t, %v, want %t of\n%s", got, err, want, text)
		}
	}
}
