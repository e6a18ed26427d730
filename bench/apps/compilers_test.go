//go:build apps

package apps_test

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/acme/xbuild/internal/localkit"
)

// program is one with C in it, which says what it was compiled for.
const program = `package main

/*
#include <stdio.h>
static int twice(int n) { return 2 * n; }
*/
import "C"

import (
	"fmt"
	"runtime"
)

func main() { fmt.Println(runtime.GOARCH, C.twice(21)) }
`

// TestCompilers builds a program with C by the compilers that a spec may name, and runs what they make.
func TestCompilers(t *testing.T) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k := start(ctx, t)
	if err := k.PublishDebianToolchain(ctx); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, cgo, arch string }{
		{"gcc for s390x", "{static: true}", "s390x"},
		{"clang", "{cc: clang, static: true}", "arm64"},
		{"musl-gcc", "{cc: musl-gcc, packages: [musl-tools], static: true}", "amd64"},
		{"snapshot", "{static: true, snapshot: 20260801T000000Z}", "riscv64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, out := t.TempDir(), t.TempDir()
			for name, text := range map[string]string{
				"go.mod": "module example.com/c\n\ngo 1.26\n", "main.go": program, "Dockerfile": "# syntax=acme/xbuild\nbinaries: {c: {main: ., cgo: " + tt.cgo + "}}\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			args := []string{"build", "--progress", "plain", "--platform", "linux/" + tt.arch, "--target", "binaries", "--output", "type=local,dest=" + out}
			var served func() int64
			if tt.name == "snapshot" {
				served = serveSnapshot(t)
				args = append(args, "--add-host", "snapshot.debian.org=127.0.0.1", "--no-cache-filter", "cc")
			}
			cmd := k.Buildx(ctx, append(args, dir)...)
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", localkit.CommandLine(cmd), err, said)
			}
			if served != nil && served() == 0 {
				t.Error("nothing came from the snapshot")
			}
			runFor(t, tt.arch, filepath.Join(out, "c"), tt.arch+" 42\n")
		})
	}
}

// runFor runs a program of another architecture, and wants what it prints.
func runFor(t *testing.T, arch, program, want string) {
	t.Helper()
	emulator, err := localkit.Emulator(t.Context(), os.Stderr, arch)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := exec.CommandContext(t.Context(), emulator, program).CombinedOutput(); err != nil || string(got) != want {
		t.Errorf("%v, prints %q, want %q", err, got, want)
	}
}

// serveSnapshot stands for snapshot.debian.org, with Debian's archive as it is today. It counts
// what it served.
func serveSnapshot(t *testing.T) (served func() int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	var count atomic.Int64
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		// /archive/debian/20260801T000000Z/dists/…
		parts := strings.SplitN(strings.TrimPrefix(r.In.URL.Path, "/archive/"), "/", 3)
		r.SetURL(&url.URL{Scheme: "http", Host: "deb.debian.org"})
		r.Out.URL.Path = "/" + parts[0] + "/" + parts[len(parts)-1]
		count.Add(1)
	}}
	server := &http.Server{Handler: proxy}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return count.Load
}
