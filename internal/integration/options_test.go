package integration

import (
	"slices"
	"strings"
	"testing"
)

// TestStepOptions has what a client asks of all steps: limits, a host name, shared memory and
// further hosts, as a test sees them.
func TestStepOptions(t *testing.T) {
	k := kit(t)
	dir := project(t, with(tiny, map[string]string{"main_test.go": `package main

import (
	"net"
	"os"
	"syscall"
	"testing"
)

func TestMachine(t *testing.T) {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Max != 2000 { // Go raises the soft one
		t.Error(files, err)
	}
	if name, err := os.Hostname(); name != "builder" {
		t.Error(name, err)
	}
	var shm syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &shm); err != nil || int64(shm.Blocks)*shm.Bsize != 8<<20 {
		t.Error(shm, err)
	}
	if list, err := net.LookupHost("further.example"); err != nil || list[0] != "192.0.2.7" {
		t.Error(list, err)
	}
}
`}))
	res, err := tryBuild(t, k, request{dir: dir, attrs: map[string]string{
		"target": "test", "ulimit": "nofile=1000:2000", "hostname": "builder", "shm-size": "8388608", "add-hosts": "further.example=192.0.2.7",
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, res.logs)
	}
}

// TestNoCacheFilter runs the steps again that the client names, and no others.
func TestNoCacheFilter(t *testing.T) {
	k := kit(t)
	dir := project(t, tiny)
	build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64"})
	for filter, want := range map[string]string{"deps": "[deps ", "tiny": "[tiny ", "toolchain,nothing": "[toolchain] "} {
		ran := build(t, k, request{dir: dir, platforms: "linux/amd64,linux/arm64", attrs: map[string]string{"no-cache": filter}}).ran()
		if !slices.ContainsFunc(ran, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("%s: ran %q", filter, ran)
		}
		if other := "[files]"; slices.ContainsFunc(ran, func(s string) bool { return strings.HasPrefix(s, other) }) {
			t.Errorf("%s: ran %q", filter, ran)
		}
	}
}
